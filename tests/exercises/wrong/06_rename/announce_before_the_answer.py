# told: Not right yet: after the answer to the one who asked, everyone reads the old name; but expected 用户名修改成功,[127.0.0.1:alice]->[ann], got [127.0.0.1:alice]127.0.0.1:alice:was 127.0.0.1:alice
# breaks: first-the-answer
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        if stage6.valid_name(new) and new not in self.server.online_map:
            self.server.broadcast(self, f"was {old}")
        await super().rename(new)


class AnnouncingServer(stage6.Server):
    user_class = Announcing

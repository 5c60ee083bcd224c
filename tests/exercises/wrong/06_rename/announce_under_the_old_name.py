# told: Not right yet: after the answer to the one who asked, everyone reads the old name; but expected [127.0.0.1:alice]ann:was 127.0.0.1:alice, got [127.0.0.1:alice]127.0.0.1:alice:was 127.0.0.1:alice
# breaks: old-name
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        if self.name != old:
            line = phrases.SAID.format(addr=self.addr, name=old, text=f"was {old}")
            for user in self.server.online_map.values():
                user.send_message(line)


class AnnouncingServer(stage6.Server):
    user_class = Announcing

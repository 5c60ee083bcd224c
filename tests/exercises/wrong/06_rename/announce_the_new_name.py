# told: Not right yet: after the answer to the one who asked, everyone reads the old name; but expected [127.0.0.1:alice]ann:was 127.0.0.1:alice, got [127.0.0.1:alice]ann:was ann
# breaks: old-name
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        if self.name != old:
            self.server.broadcast(self, f"was {self.name}")


class AnnouncingServer(stage6.Server):
    user_class = Announcing

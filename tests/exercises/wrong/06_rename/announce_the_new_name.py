# told: Not what is expected: another line came instead
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        if self.name != old:
            self.server.broadcast(self, f"was {self.name}")


class AnnouncingServer(stage6.Server):
    user_class = Announcing

# told: Not what is expected: another line came instead
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        self.server.broadcast(self, f"was {old}")


class AnnouncingServer(stage6.Server):
    user_class = Announcing

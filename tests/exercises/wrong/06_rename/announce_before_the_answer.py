# told: Not what is expected: another line came instead
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        if stage6.valid_name(new) and new not in self.server.online_map:
            self.server.broadcast(self, f"was {old}")
        await super().rename(new)


class AnnouncingServer(stage6.Server):
    user_class = Announcing

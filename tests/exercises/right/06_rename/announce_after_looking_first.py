class Announcing(stage6.User):
    async def rename(self, new):
        is_free = stage6.valid_name(new) and new not in self.server.online_map
        old = self.name
        await super().rename(new)
        if is_free:
            self.server.broadcast(self, "was " + old)


class AnnouncingServer(stage6.Server):
    user_class = Announcing

# told: Not right yet: a refused name is told to the one who asked, and announced to nobody; but 6 lines are too much: [127.0.0.1:alice]anna:was anna
# breaks: only-what-happened
class Announcing(stage6.User):
    async def rename(self, new):
        old = self.name
        await super().rename(new)
        self.server.broadcast(self, f"was {old}")


class AnnouncingServer(stage6.Server):
    user_class = Announcing

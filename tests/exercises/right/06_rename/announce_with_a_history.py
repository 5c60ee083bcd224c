class Announcing(stage6.User):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.names = [self.name]

    async def rename(self, new):
        result = await super().rename(new)
        if self.name != self.names[-1]:
            self.names.append(self.name)
            self.server.broadcast(self, f"was {self.names[-2]}")
        return result


class AnnouncingServer(stage6.Server):
    user_class = Announcing

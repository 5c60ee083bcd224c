"""The old entry is deleted and a new one put at the end: the order of joining is lost."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "keeps-the-place"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        old = self.name
        await super().rename(new)
        if self.name != old:
            roster = self.server.online_map
            roster[new] = roster.pop(new)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

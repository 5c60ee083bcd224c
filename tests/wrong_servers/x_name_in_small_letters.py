"""It compares names without case, and shows them so."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "renamed"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        await super().rename(new.lower())


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

"""It strips a name before it looks at it."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "invalid-names"


class User(stage6.User):
    async def rename(self, new: str) -> None:
        await super().rename(new.strip())


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

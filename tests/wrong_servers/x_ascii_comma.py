"""An ASCII comma, where the tutorial's text has a full width one."""

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "name-taken"


class User(stage6.User):
    async def answer(self, *lines: str) -> None:
        await super().answer(*[line.replace("，", ",") for line in lines])


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

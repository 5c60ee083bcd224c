"""The clock starts when somebody joins and is never set back."""

from stages import command, stage7

STAGE = 7
CAUGHT_BY = "lines-are-activity"


class User(stage7.User):
    async def read_line(self) -> str | None:
        return await super(stage7.User, self).read_line()


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

"""It uses what somebody wrote as a format."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "private-verbatim"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        await super().tell(name_and_text % () if "%" in name_and_text else name_and_text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

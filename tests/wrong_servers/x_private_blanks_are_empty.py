"""It takes a private text of blanks for an empty one."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "private-verbatim"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        name, bar, text = name_and_text.partition("|")
        await super().tell(name + bar + (text if text.strip() else ""))


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

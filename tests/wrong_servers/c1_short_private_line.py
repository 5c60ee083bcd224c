"""It takes what is behind the second bar, which may not be there."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "malformed"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        text = name_and_text.split("|", 1)[1]
        await super().tell(name_and_text[: -len(text)] + text if text else name_and_text)


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

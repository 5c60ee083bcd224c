"""It splits at every bar and takes the third part for the text."""

from stages import command, stage8

STAGE = 8
CAUGHT_BY = "bars-in-the-text"


class User(stage8.User):
    async def tell(self, name_and_text: str) -> None:
        await super().tell("|".join(name_and_text.split("|")[:2]))


class Server(stage8.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

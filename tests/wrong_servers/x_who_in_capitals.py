"""It takes a command in any case: `WHO` is chat."""

from stages import command, stage5

STAGE = 5
CAUGHT_BY = "not-quite-who"


class User(stage5.User):
    async def do_message(self, text: str) -> None:
        await super().do_message("who" if text.lower() == "who" else text)


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

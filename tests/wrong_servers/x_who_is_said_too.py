"""The command is answered, and said to everyone as well: an `else` is missing."""

from stages import command, stage5

STAGE = 5
CAUGHT_BY = "who-alone"


class User(stage5.User):
    async def do_message(self, text: str) -> None:
        await super().do_message(text)
        if text == "who":
            self.server.broadcast(self, text)


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

"""It says goodbye, and leaves the connection open."""

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "kicked"


class User(stage7.User):
    async def converse(self) -> None:
        await super().converse()
        while self.kicked and not self.reader.at_eof():
            await super(stage7.User, self).converse()

    kicked = False

    def send_message(self, text: str) -> None:
        self.kicked = self.kicked or text == phrases.KICKED
        super().send_message(text)


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

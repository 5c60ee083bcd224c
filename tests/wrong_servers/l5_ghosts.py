"""Who has left stays on the roster."""

from stages import command, phrases, stage5

STAGE = 5
CAUGHT_BY = "who-after-leaving"


class User(stage5.User):
    gone = False

    def offline(self) -> None:
        self.gone = True
        self.server.broadcast(self, phrases.OFFLINE)

    def send_message(self, text: str) -> None:
        if not self.gone:
            super().send_message(text)


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

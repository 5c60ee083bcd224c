"""A kick ends the input, and half a line is said as if it were whole."""

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "half-a-line-is-no-activity"


class User(stage7.User):
    def send_message(self, text: str) -> None:
        if text == phrases.KICKED and self.unread:
            self.server.broadcast(self, self.unread.decode())
        super().send_message(text)


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

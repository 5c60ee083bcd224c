"""What the kick leaves in the user's channel is sent as well: a burst of empty lines."""

from stages import command, phrases, stage7

STAGE = 7
CAUGHT_BY = "kicked"


class User(stage7.User):
    def send_message(self, text: str) -> None:
        super().send_message(text)
        if text == phrases.KICKED:
            super().send_message("\n" * 40)


class Server(stage7.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server, idle_timeout=10.0)

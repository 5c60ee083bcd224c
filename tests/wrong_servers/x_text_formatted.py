"""It uses what somebody said as a format."""

from stages import command, stage2, stage3

STAGE = 3
CAUGHT_BY = "verbatim"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        super().broadcast(user, text.format(text))


if __name__ == "__main__":
    command.main(Server)

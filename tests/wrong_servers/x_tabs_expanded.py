"""It turns tabs into spaces."""

from stages import command, stage2, stage3

STAGE = 3
CAUGHT_BY = "verbatim"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        super().broadcast(user, text.expandtabs())


if __name__ == "__main__":
    command.main(Server)

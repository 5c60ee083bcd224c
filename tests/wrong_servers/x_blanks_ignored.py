"""It takes a text of blanks for an empty line."""

from stages import command, stage2, stage3

STAGE = 3
CAUGHT_BY = "verbatim"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        if text.strip():
            super().broadcast(user, text)


if __name__ == "__main__":
    command.main(Server)

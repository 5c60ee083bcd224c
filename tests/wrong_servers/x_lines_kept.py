"""It keeps every line that was ever said."""

from stages import command, stage2, stage3

STAGE = 3
CAUGHT_BY = "forgets-lines"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        HISTORY.append(text)
        super().broadcast(user, text)


HISTORY: list[str] = []


if __name__ == "__main__":
    command.main(Server)

"""It keeps everyone who was ever here, for a history that nobody reads."""

from stages import command, stage2

STAGE = 2
CAUGHT_BY = "forgets-leavers"


class Server(stage2.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        HISTORY.append(user)
        super().broadcast(user, text)


HISTORY: list[stage2.User] = []


if __name__ == "__main__":
    command.main(Server)

"""It tells a newcomer who has come before."""

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "join-lines"


class Server(stage2.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        super().broadcast(user, text)
        for other in list(self.online_map.values())[:-1]:
            user.send_message(phrases.SAID.format(addr=other.addr, name=other.name, text=text))


if __name__ == "__main__":
    command.main(Server)

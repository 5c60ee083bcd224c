"""Once there is a name, it stands where the address should."""

from stages import command, phrases, stage2, stage6

STAGE = 6
CAUGHT_BY = "new-name-is-used"


class Server(stage6.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        line = phrases.SAID.format(addr=user.name, name=user.name, text=text)
        for other in self.online_map.values():
            other.send_message(line)


if __name__ == "__main__":
    command.main(Server)

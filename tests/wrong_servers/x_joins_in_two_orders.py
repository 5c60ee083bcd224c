"""Every other user hears two joins at a time, the later one first: two orders."""

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "joins-in-one-order"


class Server(stage2.Server):
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.kept: dict[stage2.User, str] = {}

    def broadcast(self, user: stage2.User, text: str) -> None:
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        for number, other in enumerate(self.online_map.values()):
            if other is user or number % 2 or len(self.online_map) < 4:
                other.send_message(line)
            elif other in self.kept:
                other.send_message(line)
                other.send_message(self.kept.pop(other))
            else:
                self.kept[other] = line


if __name__ == "__main__":
    command.main(Server)

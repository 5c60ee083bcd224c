"""It spares the sender their own line: but then nobody knows what was heard, and when."""

from stages import command, phrases, stage2, stage3

STAGE = 3
CAUGHT_BY = "chat"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        for other in self.online_map.values():
            if other is not user or text in (phrases.ONLINE, phrases.OFFLINE):
                other.send_message(line)


if __name__ == "__main__":
    command.main(Server)

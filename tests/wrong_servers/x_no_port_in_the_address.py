"""It shows an address without its port: many users look like one."""

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "own-join-line"


class Server(stage2.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        host = user.addr.rpartition(":")[0]
        line = phrases.SAID.format(addr=host, name=user.name, text=text)
        for other in self.online_map.values():
            other.send_message(line)


if __name__ == "__main__":
    command.main(Server)

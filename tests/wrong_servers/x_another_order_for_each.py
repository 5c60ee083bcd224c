"""The sender's echo goes out at once, the others' lines a little later: two orders."""

import asyncio

from stages import command, phrases, stage2, stage3

STAGE = 3
CAUGHT_BY = "same-order"


class Server(stage3.Server):
    def broadcast(self, user: stage2.User, text: str) -> None:
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        later = asyncio.get_running_loop().call_later
        for other in self.online_map.values():
            if other is user:
                other.send_message(line)
            else:
                later(0.05, other.send_message, line)


if __name__ == "__main__":
    command.main(Server)

"""It waits between two users of a broadcast; somebody leaves meanwhile, and the loop breaks."""

import asyncio

from stages import command, phrases, stage4

STAGE = 4
CAUGHT_BY = "leave-at-once"


class User(stage4.User):
    def offline(self) -> None:
        self.server.online_map.pop(self.name, None)
        self.telling = asyncio.create_task(self.tell_all())

    async def tell_all(self) -> None:
        line = phrases.SAID.format(addr=self.addr, name=self.name, text=phrases.OFFLINE)
        for other in self.server.online_map.values():
            other.send_message(line)
            await asyncio.sleep(0)


class Server(stage4.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

"""It waits while it goes through the roster to tell who left."""

import asyncio

from stages import command, phrases, stage4

STAGE = 4
CAUGHT_BY = "leave-at-once"


class Server(stage4.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage4.User(self, reader, writer)
        user.online()
        try:
            await user.converse()
        finally:
            self.online_map.pop(user.name, None)
            for other in self.online_map.values():
                other.send_message(
                    phrases.SAID.format(addr=user.addr, name=user.name, text=phrases.OFFLINE)
                )
                await asyncio.sleep(0)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

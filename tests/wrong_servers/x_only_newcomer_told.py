"""The join line goes to the joiner alone: the broadcast is missing."""

import asyncio

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "join-lines"


class Server(stage2.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        self.online_map[user.name] = user
        user.send_message(phrases.SAID.format(addr=user.addr, name=user.name, text=phrases.ONLINE))
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

"""It tells who leaves, one stage too early."""

import asyncio

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "leaves-silently"


class Server(stage2.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        while await reader.read(4096):
            pass
        del self.online_map[user.name]
        self.broadcast(user, phrases.OFFLINE)
        user.goodbye()


if __name__ == "__main__":
    command.main(Server)

"""It announces who leaves; that comes with stage 3."""

import asyncio

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "leaves-silently"


class Server(stage2.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

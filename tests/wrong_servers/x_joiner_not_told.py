"""It broadcasts first and enters the roster after: the joiner does not hear of themselves."""

import asyncio

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "own-join-line"


class Server(stage2.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        self.broadcast(user, phrases.ONLINE)
        self.online_map[user.name] = user
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

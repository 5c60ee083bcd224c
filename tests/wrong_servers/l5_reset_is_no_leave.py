"""It tells of those who hang up, and not of those whose connection breaks."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "broken-connection"


class Server(stage3.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage3.User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        except OSError:
            del self.online_map[user.name]
        else:
            del self.online_map[user.name]
            self.broadcast(user, phrases.OFFLINE)
        user.goodbye()


if __name__ == "__main__":
    command.main(Server)

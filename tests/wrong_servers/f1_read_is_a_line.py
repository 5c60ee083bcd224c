"""It takes what one read brings for one line, as the tutorial does."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "byte-by-byte"


class User(stage3.User):
    async def read_line(self) -> str | None:
        data = await self.reader.read(4096)
        return data.decode(errors="replace").rstrip("\r\n") if data else None


class Server(stage3.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        finally:
            self.online_map.pop(user.name, None)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

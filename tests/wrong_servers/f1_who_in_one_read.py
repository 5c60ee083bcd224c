"""It looks for `who` in what one read has brought."""

import asyncio

from stages import command, stage5

STAGE = 5
CAUGHT_BY = "who-in-pieces"


class Reader:
    """Remembers what was read last."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader
        self.chunk = b""

    async def read(self, count: int) -> bytes:
        self.chunk = await self.reader.read(count)
        return self.chunk


class User(stage5.User):
    async def read_line(self) -> str | None:
        if not isinstance(self.reader, Reader):
            self.reader = Reader(self.reader)  # type: ignore[assignment]
        return await super().read_line()

    async def do_message(self, text: str) -> None:
        if text == "who" and text.encode() not in self.reader.chunk:  # type: ignore[attr-defined]
            self.server.broadcast(self, text)
        else:
            await super().do_message(text)


class Server(stage5.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

"""It looks for `rename` in what one read has brought."""

import asyncio

from stages import command, stage6

STAGE = 6
CAUGHT_BY = "rename-and-more"


class Reader:
    """Remembers what was read last."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.reader = reader
        self.chunk = b""

    async def read(self, count: int) -> bytes:
        self.chunk = await self.reader.read(count)
        return self.chunk


class User(stage6.User):
    async def read_line(self) -> str | None:
        if not isinstance(self.reader, Reader):
            self.reader = Reader(self.reader)  # type: ignore[assignment]
        return await super().read_line()

    async def do_message(self, text: str) -> None:
        if text.startswith("rename|") and text.encode() not in self.reader.chunk:  # type: ignore[attr-defined]
            self.server.broadcast(self, text)
        else:
            await super().do_message(text)


class Server(stage6.Server):
    user_class = User


if __name__ == "__main__":
    command.main(Server)

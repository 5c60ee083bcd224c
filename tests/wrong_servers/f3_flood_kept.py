"""It refuses a line that is too long, and keeps what still comes of it."""

import asyncio

from stages import command, stage3

STAGE = 3
CAUGHT_BY = "flood-without-newline"


class Server(stage3.Server):
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.handle(reader, writer)
        writer.write_eof()
        while chunk := await reader.read(1 << 16):
            KEPT.append(chunk)
        writer.close()


KEPT: list[bytes] = []


if __name__ == "__main__":
    command.main(Server)

"""It waits for the client to hang up first; the client waits as well."""

import asyncio

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "closes"


class Server(stage1.Server):
    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing() and await reader.read(4096):
            pass


if __name__ == "__main__":
    command.main(Server)

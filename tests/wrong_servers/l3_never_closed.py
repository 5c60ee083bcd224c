"""The handler returns and the connection stays open: nobody thought of closing it."""

import asyncio

from stages import command, phrases, stage1

STAGE = 1
CAUGHT_BY = "closes"


class Server(stage1.Server):
    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self.talk(reader, writer))
        self.tasks.add(task)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage1.log.info(phrases.CONNECTED)
        await self.handle(reader, writer)
        self.last = writer


if __name__ == "__main__":
    command.main(Server)

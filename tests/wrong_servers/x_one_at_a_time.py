"""It serves one caller after another, and each takes a moment."""

import asyncio

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "twenty-at-once"


class Server(stage1.Server):
    async def handle(self, *_: asyncio.StreamReader | asyncio.StreamWriter) -> None:
        async with TURN:
            await asyncio.sleep(0.2)


TURN = asyncio.Lock()


if __name__ == "__main__":
    command.main(Server)

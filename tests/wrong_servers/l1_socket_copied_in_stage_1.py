"""A copy of each socket stays open."""

import asyncio
import os

from stages import command, stage1

STAGE = 1
CAUGHT_BY = "leaves-nothing-open"


class Server(stage1.Server):
    async def handle(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        COPIES.append(os.dup(writer.get_extra_info("socket").fileno()))
        writer.get_extra_info("socket").shutdown(1)


COPIES: list[int] = []


if __name__ == "__main__":
    command.main(Server)

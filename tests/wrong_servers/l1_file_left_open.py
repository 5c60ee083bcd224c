"""It opens a log file for each user and forgets to close it."""

import asyncio
import os
from typing import IO, ClassVar

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "fifty-come-and-go"


class Server(stage2.Server):
    files: ClassVar[list[IO[str]]] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        self.files.append(open(os.devnull))  # noqa: ASYNC230, SIM115
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

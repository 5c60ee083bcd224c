"""A line ends with a newline, and what telnet sends before it stays in the text."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "carriage-return"


class User(stage3.User):
    async def read_line(self) -> str | None:
        await asyncio.sleep(0)
        try:
            line = await self.reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as end:
            line = end.partial
        return line.decode(errors="replace").removesuffix("\n") if line else None


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

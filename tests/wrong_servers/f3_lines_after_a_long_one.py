"""It refuses a line that is too long, and still says what came after it."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "around-a-long-line"


class User(stage3.User):
    refused = False

    async def read_line(self) -> str | None:
        if self.refused:
            line, newline, self.unread = self.unread.partition(b"\n")
            return line.decode(errors="replace") if newline else None
        line_or_none = await super().read_line()
        if line_or_none is None and b"\n" in self.unread:
            self.refused = True
            return await self.read_line()
        return line_or_none


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

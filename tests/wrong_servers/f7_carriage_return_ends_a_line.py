"""It takes a carriage return for the end of a line, as universal newlines do."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "nothing-else-ends-a-line"


class User(stage3.User):
    async def read_line(self) -> str | None:
        line = await super().read_line()
        if line and "\r" in line:
            line, _, rest = line.partition("\r")
            self.unread = rest.encode() + b"\n" + self.unread
        return line


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

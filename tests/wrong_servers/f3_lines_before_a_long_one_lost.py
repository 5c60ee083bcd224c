"""It looks for a line that is too long first, and drops all that came with it."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "around-a-long-line"


class User(stage3.User):
    async def read_line(self) -> str | None:
        if not self.unread:
            self.unread = await self.reader.read(1 << 16)
        if any(len(line) > stage3.MAX_LINE for line in self.unread.split(b"\n")):
            self.send_message(phrases.TOO_LONG)
            return None
        return await super().read_line()


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

"""A long line is cut in pieces of 4,096 bytes, each taken for a line."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "too-long-line"


class User(stage3.User):
    async def read_line(self) -> str | None:
        while b"\n" not in self.unread[:4096] and len(self.unread) < 4096:
            chunk = await self.reader.read(4096)
            if not chunk:
                return await super().read_line()
            self.unread += chunk
        if b"\n" in self.unread[:4096]:
            return await super().read_line()
        piece, self.unread = self.unread[:4096], self.unread[4096:]
        return piece.decode(errors="replace")


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

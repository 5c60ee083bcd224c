"""It passes bytes on as they came, whatever they are."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "invalid-utf8"


class User(stage3.User):
    async def read_line(self) -> str | None:
        await asyncio.sleep(0)
        while b"\n" not in self.unread:
            data = await self.reader.read(4096)
            if not data:
                break
            self.unread += data
        line, newline, self.unread = self.unread.partition(b"\n")
        if not line and not newline:
            return None
        return line.removesuffix(b"\r").decode(errors="surrogateescape")

    def send_message(self, text: str) -> None:
        self.outbox += f"{text}\n".encode(errors="surrogateescape")
        self.arrived.set()


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

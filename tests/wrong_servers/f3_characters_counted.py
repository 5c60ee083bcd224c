"""It counts the characters of a line, not its bytes."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "too-long-line"


class User(stage3.User):
    async def read_line(self) -> str | None:
        await asyncio.sleep(0)
        while b"\n" not in self.unread and len(self.unread.decode(errors="ignore")) <= 4096:
            chunk = await self.reader.read(4096)
            if not chunk:
                break
            self.unread += chunk
        line, newline, self.unread = self.unread.partition(b"\n")
        text = line.decode(errors="replace")
        if len(text) > 4096:
            self.send_message(phrases.TOO_LONG)
            return None
        return text.removesuffix("\r") if line or newline else None


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

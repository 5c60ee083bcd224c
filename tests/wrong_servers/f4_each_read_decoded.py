"""It decodes each read by itself: a character that was cut in two is lost."""

import asyncio

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "cut-character"


class User(stage3.User):
    text = ""

    async def read_line(self) -> str | None:
        while "\n" not in self.text:
            data = await self.reader.read(4096)
            if not data:
                line, self.text = self.text, ""
                return line or None
            self.text += data.decode(errors="replace")
        line, _, self.text = self.text.partition("\n")
        return line.removesuffix("\r")


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

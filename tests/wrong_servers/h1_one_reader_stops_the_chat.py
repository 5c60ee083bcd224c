"""One lock around all sending, and a wait for each user's socket inside it."""

import asyncio
import contextlib

from stages import command, phrases, stage3

STAGE = 3
CAUGHT_BY = "stops-reading"


class Server(stage3.Server):
    lock = asyncio.Lock()

    async def tell_all(self, user: stage3.User, text: str) -> None:
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        async with self.lock:
            if text == phrases.ONLINE:
                self.online_map[user.name] = user
            for other in list(self.online_map.values()):
                other.writer.write(f"{line}\n".encode())
                with contextlib.suppress(OSError):
                    await other.writer.drain()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage3.User(reader, writer)
        await self.tell_all(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    await self.tell_all(user, line)
        finally:
            self.online_map.pop(user.name, None)
            await self.tell_all(user, phrases.OFFLINE)
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

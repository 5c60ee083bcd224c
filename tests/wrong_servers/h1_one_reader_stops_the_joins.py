"""The tutorial's dispatcher: it waits for each user's socket in turn, and so for the slowest."""

import asyncio
import contextlib

from stages import command, phrases, stage2

STAGE = 2
CAUGHT_BY = "stalled-reader"


class Server(stage2.Server):
    lock = asyncio.Lock()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = stage2.User(reader, writer)
        user.listening.cancel()  # Only the dispatcher writes, and asyncio buffers 64 KiB for it.
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=phrases.ONLINE)
        async with self.lock:
            self.online_map[user.name] = user
            for other in list(self.online_map.values()):
                with contextlib.suppress(OSError):  # Who has left is not the mistake here.
                    other.writer.write(f"{line}\n".encode())
                    await other.writer.drain()
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

"""Stage 2: online notice.

Whoever joins is announced to everyone online. A line goes into each user's outbox, and a task of
that user's own moves it on to the socket: the room never waits for one who reads slowly. Nor does
it hoard lines for one who has stopped reading: who is BACKLOG behind is dropped.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

from stages import command, phrases, stage1

BACKLOG = 2**20  # Bytes that may wait for one user (Centrifugo allows as many).


class User:
    """One connection: its name, and the lines that wait to be sent to it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("peername"))
        self.reader = reader
        self.writer = writer
        self.outbox = bytearray()
        self.arrived = asyncio.Event()  # Go's channel `C` is these two: what waits, and a bell.
        self.listening = asyncio.create_task(self.listen_message())

    def send_message(self, text: str) -> None:
        """Put a line into the outbox. Never waits; drops a user who is too far behind."""
        if self.writer.is_closing():
            return  # Dropped, or gone: nobody will read it.
        self.outbox += f"{text}\n".encode()
        self.arrived.set()
        if len(self.outbox) > BACKLOG and self.writer.transport.get_write_buffer_size():
            self.writer.transport.abort()

    async def listen_message(self) -> None:
        """Send what is in the outbox, again and again, each time when the last is on its way."""
        self.writer.transport.set_write_buffer_limits(high=0)  # Make `drain` wait for all of it.
        with contextlib.suppress(OSError):  # The peer is gone.
            while await self.arrived.wait():
                self.arrived.clear()
                self.flush()
                await self.writer.drain()

    def flush(self) -> None:
        """Send all that waits, in one write: lines of one moment travel together."""
        self.writer.write(self.outbox)
        self.outbox = bytearray()

    def goodbye(self) -> None:
        """Send what still waits; closing the connection delivers it."""
        self.listening.cancel()
        self.flush()


@dataclass(eq=False)
class Server(stage1.Server):
    """A room: `online_map` has everyone in it by name, in the order they joined."""

    online_map: dict[str, User] = field(default_factory=dict, init=False, repr=False)

    def broadcast(self, user: User, text: str) -> None:
        """Send everyone online a line about `user`."""
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        for other in self.online_map.values():
            other.send_message(line)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Announce a user, then wait until they leave. What they say is not heard yet."""
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.goodbye()


if __name__ == "__main__":
    command.main(Server)

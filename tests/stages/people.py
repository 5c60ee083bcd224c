"""People who talk to a stage's server over sockets, in the server's own event loop.

So a test can look at both ends: at what a person reads, and at the server's roster and tasks.
"""

import asyncio
import contextlib
import importlib
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

from stages import phrases, stage2
from tests.stages.turns import PATIENCE, until

SMALL = 4096  # Bytes of a socket buffer that is soon full.


def server_of(stage: int, **options: Any) -> stage2.Server:
    """A server of a stage from the second on, on any free port."""
    server: stage2.Server = importlib.import_module(f"stages.stage{stage}").Server(
        port=0, **options
    )
    return server


class Person:
    """Somebody connected; `addr` is how the server sees them, `name` what it calls them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("sockname"))
        self.reader = reader
        self.writer = writer

    def line(self, text: str) -> str:
        """What everyone reads when this person says `text`."""
        return phrases.SAID.format(addr=self.addr, name=self.name, text=text)

    def says(self, *texts: str) -> None:
        """Send lines, at once."""
        self.sends("".join(f"{text}\n" for text in texts).encode())

    def sends(self, data: bytes) -> None:
        """Send exactly these bytes."""
        self.writer.write(data)

    async def takes_name(self, new: str) -> None:
        """Be called `new` from now on."""
        self.says(f"rename|{new}")
        await self.reads(phrases.RENAMED.format(old=self.name, new=new))
        self.name = new

    async def next_line(self) -> str:
        """The next line, without its newline; in time."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readuntil(b"\n")).decode().removesuffix("\n")

    async def reads(self, *lines: str) -> None:
        """Exactly these lines come next."""
        for line in lines:
            assert await self.next_line() == line

    async def reads_on_until(self, line: str) -> None:
        """This line comes, after whatever others."""
        async with asyncio.timeout(PATIENCE):
            while await self.next_line() != line:
                pass

    async def reads_the_end(self, *last_lines: str) -> None:
        """Exactly these lines come, and then the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            rest = await self.reader.read()
        assert rest.decode() == "".join(f"{line}\n" for line in last_lines)

    def ends_input(self) -> None:
        """Close one's own side, as `nc -N` does, and read on."""
        self.writer.write_eof()

    async def leaves(self) -> None:
        """Close the connection."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def vanishes(self) -> None:
        """Reset the connection, as when a program is killed."""
        reset_on_close(self.writer.get_extra_info("socket"))
        self.writer.transport.abort()
        await self.leaves()


def reset_on_close(sock: socket.socket) -> None:
    """Make closing `sock` a reset (RST)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Room:
    """A running server and the people who came; at the end both go."""

    def __init__(self, server: stage2.Server) -> None:
        self.server = server
        self.people: list[Person] = []

    async def connects(self) -> Person:
        """Somebody new, who has read nothing yet."""
        person = Person(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self.people.append(person)
        return person

    async def joins(self, name: str = "") -> Person:
        """Somebody new, whose coming everyone has read; called `name` if one is given."""
        before = [person for person in self.people if person.name in self.server.online_map]
        person = await self.connects()
        for other in [*before, person]:
            await other.reads(person.line(phrases.ONLINE))
        if name:
            await person.takes_name(name)
        return person

    def user(self, person: Person) -> stage2.User:
        """The server's side of a person."""
        return self.server.online_map[person.name]


@contextlib.asynccontextmanager
async def open_room(server: stage2.Server) -> AsyncIterator[Room]:
    """Start a server; at the end let everyone vanish who is still there, and stop it."""
    await server.start()
    room = Room(server)
    try:
        yield room
    finally:
        for person in room.people:
            if not person.writer.is_closing():
                await person.vanishes()
        await until(lambda: not server.tasks)
        await server.stop()


class Troublemaker(socket.socket):
    """A bare socket with little room for unread bytes, which nobody reads unless told to."""

    def __init__(self) -> None:
        super().__init__()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)

    async def joins(self, room: Room, *watchers: Person) -> stage2.User:
        """Connect; returns who this is to the server, whose buffer for it is small as well."""
        listener = room.server.listener.sockets[0]
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # Inherited when accepted.
        self.connect(("127.0.0.1", room.server.port))
        self.setblocking(False)
        name = "{}:{}".format(*self.getsockname())
        join_line = phrases.SAID.format(addr=name, name=name, text=phrases.ONLINE)
        for watcher in watchers:
            await watcher.reads(join_line)
        await until(lambda: name in room.server.online_map)
        return room.server.online_map[name]

    async def reads_to_the_end(self) -> str:
        """All that comes, after the own join line, until the end of the stream."""
        text = b""
        async with asyncio.timeout(PATIENCE):
            while chunk := await asyncio.get_running_loop().sock_recv(self, 4096):
                text += chunk
        return text.decode().partition("\n")[2]

    def vanishes(self) -> None:
        """Reset the connection."""
        reset_on_close(self)
        self.close()


def is_stuck(user: stage2.User) -> bool:
    """Whether the user's socket does not take all that was written to it."""
    return user.writer.transport.get_write_buffer_size() > 0

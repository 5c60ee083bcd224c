"""A finished server in the test's own event loop, and the people in it.

They are the people of the stages' tests (`tests.stages.people`), who may come over TLS here; and
some who do not read, on sockets that are soon full.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import im_final
from im_final import phrases
from im_final.connection import Connection
from tests.stages.people import SMALL, Person, reset_on_close
from tests.stages.people import Room as Rooms
from tests.stages.turns import PATIENCE, until

CHUNK = 2**16


class Room(Rooms):
    """A running `im_final.Server` and the people who came."""

    server: Any  # Not one of the stages'.

    def __init__(self, server: im_final.Server, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(server)  # type: ignore[arg-type]
        self.tls = tls

    async def connects(self, host: str = "127.0.0.1") -> Person:
        """Somebody new, who has read nothing yet."""
        options: dict[str, Any] = {"ssl": self.tls, "server_hostname": "localhost"}
        streams = await asyncio.open_connection(
            host, self.server.port, **(options if self.tls else {})
        )
        person = Person(*streams)
        self.people.append(person)
        return person

    async def joins_slowly(self, name: str = "", *watchers: Person) -> Person:
        """Somebody who, while they do not read, makes the system take no more than a little."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        options: dict[str, Any] = {"ssl": self.tls, "server_hostname": "localhost"}
        with small_buffers(self.server):
            sock.connect(("127.0.0.1", self.server.port))
            streams = await asyncio.open_connection(
                sock=sock, limit=SMALL, **(options if self.tls else {})
            )
            person = Person(*streams)
            self.people.append(person)
            await until(lambda: person.name in self.server.online_map)
        for reader in (*watchers, person):
            await reader.reads(person.line(phrases.ONLINE))
        if name:
            await person.takes_name(name)
        return person

    def connection(self, who: str) -> Connection:
        """The server's side of whoever has that address."""
        return next(one for one in self.server.connections if one.addr == who)

    def counts(self) -> im_final.Counts:
        """What the server has counted."""
        counts: im_final.Counts = self.server.counts
        return counts


@contextlib.asynccontextmanager
async def open_room(*, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Room]:
    """A server with these options; at the end everyone vanishes, and it stops without an error."""
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
    async with im_final.Server(port=0, **options) as server:
        room = Room(server, tls)
        try:
            yield room
        finally:
            for person in room.people:
                if not person.writer.is_closing():
                    await person.vanishes()
            await until(lambda: not server.connections)
    assert not errors


class Staller(socket.socket):
    """Somebody who joins and then reads nothing until told to; the system keeps little for them."""

    def __init__(self) -> None:
        super().__init__()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self.heard = b""

    async def joins(
        self, room: Room, *watchers: Person, name: str = "", kept: int = SMALL
    ) -> Connection:
        """Come, and be known to the watchers; returns the server's side.

        The server's system keeps at least `kept` bytes, and some times that.
        """
        with small_buffers(room.server, kept):
            self.connect(("127.0.0.1", room.server.port))
            self.setblocking(False)
            self.addr = "{}:{}".format(*self.getsockname())
            await until(lambda: self.addr in room.server.online_map)
        for watcher in watchers:
            await watcher.reads(self.line(phrases.ONLINE))
        if name:
            self.says(f"rename|{name}")
            await until(lambda: name in room.server.online_map)
        return room.connection(self.addr)

    def line(self, text: str) -> str:
        """What everyone reads of one who is called by their address."""
        return phrases.SAID.format(addr=self.addr, name=self.addr, text=text)

    def says(self, *texts: str) -> None:
        """Send lines, at once; few enough for the system to take."""
        self.send("".join(f"{text}\n" for text in texts).encode())

    async def reads_some(self) -> bytes:
        """Whatever has come; none at the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            some = await asyncio.get_running_loop().sock_recv(self, CHUNK)
        self.heard += some
        return some

    async def reads_on_until(self, text: str) -> list[str]:
        """All lines so far, the last of which has `text` in it."""
        while text.encode() not in self.heard or not self.heard.endswith(b"\n"):
            assert await self.reads_some(), "the stream has ended"
        return self.heard.decode().split("\n")[:-1]

    async def reads_to_the_end(self) -> list[str]:
        """All lines, until the end of the stream."""
        while await self.reads_some():
            pass
        return self.heard.decode().split("\n")[:-1]

    def vanishes(self) -> None:
        """Reset the connection."""
        reset_on_close(self)
        self.close()


@contextlib.contextmanager
def small_buffers(server: im_final.Server, kept: int = SMALL) -> Any:
    """Connections that are accepted meanwhile have small buffers: they get them from a listener."""
    listener = server.listeners[0]
    size = listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, kept)
    try:
        yield
    finally:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size // 2)  # Linux doubles it.

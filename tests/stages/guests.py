"""Guests: users of a stage without a socket. What they say is fed, what they are sent is kept.

A guest's reader and writer are asyncio's own; only the transport below is a stand-in. So rules can
be tested alone, and things can be made to happen in the very same turn of the event loop.
"""

import asyncio
import itertools

from stages import phrases, stage4

HOST = "192.0.2.1"  # RFC 5737: an address for examples.
numbers = itertools.count(1)


class Wire(asyncio.Transport):
    """Takes what is written and remembers each write; while `stuck`, nothing gets through."""

    def __init__(self, protocol: asyncio.StreamReaderProtocol, peername: tuple[str, int]) -> None:
        super().__init__({"peername": peername})
        self.protocol = protocol
        self.writes: list[bytes] = []
        self.waiting = 0
        self.stuck = False
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Like a socket's transport: nothing after the end, and nothing for no data."""
        if data and not self.closing:
            self.writes.append(bytes(data))
            if self.stuck:
                if not self.waiting:
                    self.protocol.pause_writing()
                self.waiting += len(data)

    def moves_on(self) -> None:
        """The other end has read all that waits."""
        self.stuck = False
        if self.waiting:
            self.waiting = 0
            self.protocol.resume_writing()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """`high` is 0 here, whatever is asked for."""

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the other end."""
        return self.waiting

    def is_closing(self) -> bool:
        """Whether this end is closed."""
        return self.closing

    def abort(self) -> None:
        """Cut the connection; what waits is lost."""
        if not self.closing:
            self.closing = True
            self.waiting = 0
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)


class Pen(asyncio.StreamWriter):
    """A writer which nobody has to close, because there is no socket."""

    def __del__(self) -> None:
        """Warn of nothing."""


class Connection:
    """What a server gets from a new connection: a `reader`, and a `writer` onto a `wire`."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(self.reader)
        peername = (HOST, next(numbers))
        self.addr = "{}:{}".format(*peername)
        self.wire = Wire(protocol, peername)
        protocol.connection_made(self.wire)
        self.writer = Pen(self.wire, protocol, self.reader, asyncio.get_running_loop())
        self.heard = 0

    def says(self, *texts: str) -> None:
        """Send lines; they have arrived."""
        self.reader.feed_data("".join(f"{text}\n" for text in texts).encode())

    def hears(self) -> list[str]:
        """The lines that came since the last look."""
        sent = b"".join(self.wire.writes)
        new, self.heard = sent[self.heard :], len(sent)
        assert not new or new.endswith(b"\n"), "an unfinished line"
        return new.decode().split("\n")[:-1]


class Guest(Connection):
    """Somebody in the room of a server. `user` is who they are there, once they enter."""

    user: stage4.User

    def __init__(self, server: stage4.Server) -> None:
        super().__init__()
        self.server = server

    def enters(self) -> stage4.User:
        """Come online, with nobody listening to what the guest says."""
        self.user = self.server.user_class(self.server, self.reader, self.writer)
        self.user.online()
        return self.user

    async def visits(self) -> None:
        """Come, talk, and leave at the end of the input."""
        await self.server.handle(self.reader, self.writer)

    def begins_visit(self) -> asyncio.Task[None]:
        """Start the visit in the next turn."""
        return asyncio.create_task(self.visits())


def line(user: stage4.User, text: str) -> str:
    """What everyone reads when `user` says `text`."""
    return phrases.SAID.format(addr=user.addr, name=user.name, text=text)


def roster(server: stage4.Server) -> list[str]:
    """The names of all who are online, in order. Each is filed under the name they have."""
    for name, user in server.online_map.items():
        assert user.name == name, f"{user.addr} is called {user.name} and filed under {name}"
    return list(server.online_map)

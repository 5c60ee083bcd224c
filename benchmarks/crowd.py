"""The connections of a measurement: many sockets in one process, read in large pieces.

Readers are not decoded. With MSG_TRUNC the kernel counts what has come for a TCP socket and drops
it without copying it out (tcp(7)), so reading costs little and the server is what is measured.
"""

import select
import socket
import ssl
import sys
import time
from collections.abc import Iterator

from benchmarks.dialects import Dialect

CONNECT = 30.0  # Seconds for all to be in the room.
AT_ONCE = 250  # Connections that are on their way at the same time.
PIECE = 2**20  # Bytes of one read.
DROP = socket.MSG_TRUNC if sys.platform == "linux" else 0
MARK = b"do you all hear me "


class Member:
    """One connection, and how much has come on it."""

    __slots__ = ("got", "number", "sock", "tail")

    def __init__(self, number: int, sock: socket.socket) -> None:
        self.number = number
        self.sock = sock
        self.got = 0
        self.tail = b""


class Crowd:
    """Everyone who is connected to the server on `port`, over TLS if `tls` says so.

    Nobody looks at certificates: it is loopback, and they are made for the measurement.
    """

    def __init__(self, port: int, dialect: Dialect, *, tls: bool = False) -> None:
        self.port = port
        self.dialect = dialect
        self.tls = ssl._create_unverified_context() if tls else None  # noqa: S323 - as said above
        self.members: list[Member] = []
        self.by_fd: dict[int, Member] = {}
        self.epoll = select.epoll()
        self.buffer = bytearray(PIECE)
        self.lost = 0

    def join(self, count: int) -> list[Member]:
        """So many more, all of whom are in the room and have read everything that was said."""
        joined: list[Member] = []
        while len(joined) < count:
            some = [self.connect() for _ in range(min(AT_ONCE, count - len(joined)))]
            self.wait_until_in(some)
            joined += some
        self.settle()
        return joined

    def connect(self) -> Member:
        """One more, who is perhaps not in the room yet."""
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            sock = self.tls.wrap_socket(sock)
        number = len(self.members)
        sock.sendall(self.dialect.hello(number))
        sock.setblocking(False)
        member = Member(number, sock)
        self.members.append(member)
        self.by_fd[sock.fileno()] = member
        self.epoll.register(sock.fileno(), select.EPOLLIN)
        return member

    def wait_until_in(self, newcomers: list[Member]) -> None:
        """Return when all of them are in the room."""
        outside = set(newcomers)
        deadline = time.monotonic() + CONNECT
        while outside:
            for member in self.poll(deadline):
                data = self.read(member)
                if member in outside:
                    member.tail += data
                    if self.dialect.is_in(member.tail):
                        outside.discard(member)
                        member.tail = b""

    def wait_for_something(self, members: list[Member]) -> None:
        """Return when each of them has got an answer, whatever it is."""
        waiting = set(members)
        deadline = time.monotonic() + CONNECT
        while waiting:
            for member in self.poll(deadline):
                self.read(member)
                waiting.discard(member)

    def settle(self) -> None:
        """Wait until everyone has read everything: the last to join says something, all hear it."""
        speaker = self.members[-1]
        mark = MARK + b"%d" % time.monotonic_ns()
        speaker.sock.setblocking(True)
        speaker.sock.sendall(self.dialect.say(mark))
        speaker.sock.setblocking(False)
        waiting = set(self.members)
        if not self.dialect.hears_itself:
            waiting.discard(speaker)
        deadline = time.monotonic() + CONNECT
        while waiting:
            for member in self.poll(deadline):
                data = member.tail + self.read(member)
                member.tail = data[-len(mark) - 8 :]
                if mark in data:
                    waiting.discard(member)

    def poll(self, deadline: float) -> Iterator[Member]:
        """Who has something to read. Raises TimeoutError after the deadline."""
        if time.monotonic() > deadline:
            raise TimeoutError("not everyone has got everything in time")
        for descriptor, _ in self.epoll.poll(0.1):
            yield self.by_fd[descriptor]

    def read(self, member: Member) -> bytes:
        """What has come for a member; nothing at the end."""
        size = self._receive(member, 0)
        return bytes(memoryview(self.buffer)[:size])

    def count(self, member: Member) -> int:
        """Throw away what has come for a member, and say how many bytes it was."""
        return self._receive(member, DROP)

    def _receive(self, member: Member, flags: int) -> int:
        if self.tls:
            return self._decrypt(member)
        try:
            size = member.sock.recv_into(self.buffer, PIECE, flags)
        except BlockingIOError:
            return 0
        except OSError:
            size = 0
        if not size:
            self._lose(member)
        member.got += size
        return size

    def _decrypt(self, member: Member) -> int:
        """Read all that is there: what TLS has read already, nothing would tell us of."""
        view, size = memoryview(self.buffer), 0
        while size < PIECE:
            try:
                part = member.sock.recv_into(view[size:])
            except ssl.SSLWantReadError:
                break
            except OSError:
                part = 0
            if not part:
                self._lose(member)
                break
            size += part
        member.got += size
        return size

    def _lose(self, member: Member) -> None:
        self.lost += 1
        self.epoll.unregister(member.sock.fileno())
        del self.by_fd[member.sock.fileno()]
        member.sock.close()

    def send_all(self, member: Member, data: bytes) -> None:
        """Send something short."""
        member.sock.setblocking(True)
        member.sock.sendall(data)
        member.sock.setblocking(False)

    def close(self) -> None:
        """Everybody leaves."""
        for member in self.members:
            member.sock.close()
        self.epoll.close()

"""What a check is told with: people who join by label, and one line that all of them read."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Literal

from stages import phrases
from stages.check.client import Client
from stages.check.failure import Failure, Skip
from stages.check.leave import leave
from stages.check.program import Program
from stages.check.transcript import Transcript

Kind = Literal["shared", "fresh", "idle", "slow idle"]
CROWD = 4  # So many people's steps are told one by one; those of more, in a sentence.


@dataclass
class Room:
    """The server under test, and the people of one check.

    `stage` is the stage the server has reached; `idle` its idle limit in seconds, `patience` how
    long any wait may take; `program` is the process when the checks started it themselves.
    Where the server can be held back, what is sent within `at_once` arrives at the same moment.
    `visitors` are the addresses of all who were here before; that they left may be told late.
    """

    address: tuple[str, int]
    stage: int
    idle: float
    patience: float
    program: Program | None = None
    at_once: Callable[[], AbstractContextManager[None]] = nullcontext
    visitors: set[str] = field(default_factory=set)
    transcript: Transcript = field(default_factory=Transcript)
    online: list[Client] = field(default_factory=list)
    everybody: list[Client] = field(default_factory=list)

    def connect(
        self, label: str, *, small_buffers: bool = False, sock: socket.socket | None = None
    ) -> Client:
        """Open a connection and read nothing yet; the options are those of `open_socket`."""
        try:
            sock = open_socket(self.address, self.patience, small_buffers=small_buffers, sock=sock)
        except OSError as error:
            self.transcript.does(label, "tries to connect")
            cause = f"no connection in {self.patience:g} s"
            if not isinstance(error, TimeoutError):
                cause = f"no connection: {error.strerror.lower() if error.strerror else error}"
            raise Failure(cause, reader=label) from error
        client = Client(label, sock, self.transcript, self.patience)
        self.visitors.discard(client.addr)
        client.past = self.visitors
        self.everybody.append(client)
        self.transcript.does(label, "connects")
        return client

    def join(self, *labels: str) -> list[Client]:
        """Let people join one after another; everyone online reads each join line."""
        if len(labels) > CROWD and not self.transcript.muted:
            with self.transcript.summary(f"{labels[0]} to {labels[-1]} join, one after another"):
                return self.join(*labels)
        return [self.enter(self.connect(label)) for label in labels]

    def enter(self, client: Client) -> Client:
        """Everyone online reads that one who has connected has joined, the joiner first."""
        self.online.append(client)
        self.all_read(client.says(phrases.ONLINE), first=client)
        return client

    def connect_at_once(self, count: int) -> list[Client]:
        """`count` connections, of which nothing is read yet."""
        with self.transcript.summary(f"user1 to user{count} connect"):
            return [self.connect(f"user{number}") for number in range(1, count + 1)]

    def join_stalled(self, label: str) -> Client:
        """Somebody joins, reads their own join line, and then reads no more."""
        client = self.connect(label, small_buffers=True)
        self.all_read(client.says(phrases.ONLINE))
        client.reads(client.says(phrases.ONLINE))
        self.transcript.does(label, "stops reading")
        return client

    def all_read(self, *lines: str, first: Client | None = None) -> None:
        """Everyone online reads exactly these lines next; `first` is asked before the others."""
        for client in sorted(self.online, key=lambda client: client is not first):
            client.reads(*lines)

    def nothing_else(self, speaker: Client | None = None) -> None:
        """Nobody online was sent anything more: the next they all read is a line said now.

        The speaker's own lines are handled in order, so this line is a barrier, not a delay.
        """
        speaker = speaker or self.online[0]
        speaker.send("anything else?")
        self.all_read(speaker.says("anything else?"), first=speaker)

    def gone(self, client: Client) -> None:
        """`client` has left: everyone still online reads so."""
        if client in self.online:
            self.online.remove(client)
        self.all_read(client.says(phrases.OFFLINE))

    def own_program(self) -> Program:
        """The server's process, or Skip where somebody else started it."""
        if self.program is None:
            raise Skip("the checks did not start this server: use `-- COMMAND`")
        return self.program

    def close(self) -> bool:
        """Everybody leaves; whether the server has let go of all of them."""
        clean = True
        for client in self.everybody:
            self.visitors.add(client.addr)
            with client.sock as sock:
                if clean and sock.fileno() >= 0:
                    try:
                        leave(sock, min(self.patience, 1.0))
                    except OSError:
                        clean = False
        return clean


def open_socket(
    address: tuple[str, int],
    patience: float,
    *,
    small_buffers: bool = False,
    sock: socket.socket | None = None,
) -> socket.socket:
    """A connection to `address`, on which every write goes out at once. Raises OSError.

    `sock` is one that is not connected yet, with a port of its own; by default, a new one.

    `small_buffers` makes the system hold as little as it can for someone who does not read: a small
    window here, and small segments, from which the other side derives its buffer.
    """
    sock = sock or socket.socket(family_of(address), socket.SOCK_STREAM)
    try:
        sock.settimeout(patience)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if small_buffers:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # The least there is.
            if hasattr(socket, "TCP_MAXSEG"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def family_of(address: tuple[str, int]) -> socket.AddressFamily:
    """IPv4, or IPv6 where there is a colon in the host."""
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def highest_port_first(address: tuple[str, int], count: int) -> list[socket.socket]:
    """Sockets that will connect to `address`: the later one does, the lower is its port."""
    socks = [socket.socket(family_of(address), socket.SOCK_STREAM) for _ in range(count)]
    for sock in socks:
        sock.bind(("", 0))
    return sorted(socks, key=lambda sock: -int(sock.getsockname()[1]))

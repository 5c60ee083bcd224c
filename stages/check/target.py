"""Where the server under test is: at an address, or in a command that the checks start."""

import contextlib
import socket
from collections.abc import Sequence
from typing import Literal, Protocol

from stages import phrases
from stages.check.leave import leave
from stages.check.program import PATIENCE, CannotStart, Program, ctrl_c_put_off
from stages.check.room import Room

SHORT_IDLE = 1.0  # The idle limit, in seconds, in the checks that wait for it...
LONG_IDLE = 60.0  # ...and in all others, so that nobody is kicked in the middle of a story.
WHO = 5  # The stage from which on one can ask who is online.

Kind = Literal["shared", "fresh", "idle"]


class Target(Protocol):
    """Opens a room on the server for each check."""

    def open(self, kind: Kind, stage: int) -> Room:
        """A room with nobody in it. Raises CannotStart."""

    def close_room(self, room: Room, *, reusable: bool) -> None:
        """The check is over; the server is used again if it is `reusable`."""

    def close(self) -> None:
        """All checks are over."""


class Address:
    """A server that somebody else runs, with nobody in it.

    `idle` is the idle limit that it runs with, in seconds.
    """

    def __init__(self, host: str, port: int, idle: float, patience: float = PATIENCE) -> None:
        self.address = (host, port)
        self.idle = idle
        self.patience = patience
        self.opened = False

    def open(self, kind: Kind, stage: int) -> Room:
        """A room on the one server there is. Raises CannotStart when others are in it."""
        if stage >= WHO and not self.opened:
            self.expect_nobody()
        self.opened = True
        patience = self.patience + (self.idle if kind == "idle" else 0)
        return Room(self.address, stage, self.idle, patience)

    def expect_nobody(self) -> None:
        """Ask who is online; whoever is, but ourselves, would be in the way of every check."""
        answer = b""
        with (
            contextlib.suppress(OSError),  # What is wrong here, the checks tell better.
            socket.create_connection(self.address, self.patience) as sock,
        ):
            sock.sendall(b"who\n")
            answer = leave(sock, self.patience)
        others = answer.count(phrases.IS_ONLINE.format(name="")[1:].encode()) - 1
        if others > 0:
            raise CannotStart(f"somebody is online ({others}); the checks need an empty room")

    def close_room(self, room: Room, *, reusable: bool) -> None:
        """Nothing to do: the server is not ours."""

    def close(self) -> None:
        """Nothing to do: the server is not ours."""


class Command:
    """A server that is started for the checks: `{port}` and `{idle}` in the words are filled in.

    Checks share a process as long as it is none the worse for it. `idle` is the limit of a server
    that does not take one as `{idle}`.
    """

    def __init__(
        self, words: Sequence[str], idle: float = 10.0, patience: float = PATIENCE
    ) -> None:
        self.words = words
        self.patience = patience
        self.takes_idle = any("{idle}" in word for word in words)
        self.fixed_idle = idle
        self.running: dict[Kind, Program] = {}

    def open(self, kind: Kind, stage: int) -> Room:
        """A room on a running server, started if need be."""
        idle = SHORT_IDLE if kind == "idle" else LONG_IDLE
        program = self.running.get(kind)
        if program is None or program.wait_end(0) is not None:
            with ctrl_c_put_off():
                program = self.running[kind] = Program(self.words, idle)
            program.wait_until_listening(self.patience)
        if not self.takes_idle:
            idle = self.fixed_idle
        patience = self.patience + (idle if kind == "idle" else 0)
        return Room(("127.0.0.1", program.port), stage, idle, patience, program)

    def close_room(self, room: Room, *, reusable: bool) -> None:
        """Keep the process for the next check only if this one left no trace in it."""
        for kind, program in list(self.running.items()):
            if program is room.program and (kind == "fresh" or not reusable):
                del self.running[kind]
                program.stop()

    def close(self) -> None:
        """End every process."""
        with contextlib.ExitStack() as stack:
            for program in self.running.values():
                stack.callback(program.stop)

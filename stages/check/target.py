"""Where the server under test is: at an address, or in a command that the checks start."""

import contextlib
import time
from collections.abc import Sequence
from typing import Protocol

from stages import phrases
from stages.check.leave import leave
from stages.check.program import PATIENCE, START, CannotStart, Program, ctrl_c_put_off
from stages.check.room import Kind, Room, open_socket

LONG_IDLE = 60.0  # Seconds: the idle limit, so that nobody is kicked in the middle of a story...
SHORT_IDLE: dict[str, float] = {
    "idle": 1.0,
    "slow idle": 3.0,
}  # ...but in the checks that wait for it.
WHO = 5  # The stage from which on one can ask who is online.
OTHERS = 0.01  # Seconds between two looks at who still is.


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
        self.visitors: set[str] = set()

    def open(self, kind: Kind, stage: int) -> Room:
        """A room on the one server there is. Raises CannotStart when others are in it."""
        if stage >= WHO:
            others = still_online(self.address, self.patience, self.visitors)
            if others and not self.opened:
                raise CannotStart(f"somebody is online ({others}); the checks need an empty room")
        self.opened = True
        patience = self.patience + (self.idle if kind in SHORT_IDLE else 0)
        return Room(self.address, stage, self.idle, patience, visitors=self.visitors)

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
        self,
        words: Sequence[str],
        idle: float = 10.0,
        patience: float = PATIENCE,
        start: float = START,
    ) -> None:
        self.words = words
        self.patience = patience
        self.start = start
        self.takes_idle = any("{idle}" in word for word in words)
        self.fixed_idle = idle
        self.running: dict[Kind, Program] = {}

    def open(self, kind: Kind, stage: int) -> Room:
        """A room on a running server, started if need be."""
        idle = SHORT_IDLE.get(kind, LONG_IDLE)
        program = self.running.get(kind)
        if program and stage >= WHO:
            address = ("127.0.0.1", program.port)
            if still_online(address, self.patience, program.visitors):
                del self.running[kind]
                program.stop()
                program = None
        if program is None or program.wait_end(0) is not None:
            with ctrl_c_put_off():
                program = self.running[kind] = Program(self.words, idle, start=self.start)
            program.wait_until_listening(self.patience)
        if not self.takes_idle:
            idle = self.fixed_idle
        patience = self.patience + (idle if kind in SHORT_IDLE else 0)
        address = ("127.0.0.1", program.port)
        held, visitors = program.held, program.visitors
        return Room(address, stage, idle, patience, program, at_once=held, visitors=visitors)

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


def still_online(address: tuple[str, int], patience: float, visitors: set[str]) -> int:
    """How many are online but the one who asks: none, or those who have not left in time.

    The server may need a moment to see that somebody has left. Whoever asks is one more visitor.
    """
    deadline = time.monotonic() + patience
    while (others := online_now(address, patience, visitors)) and time.monotonic() < deadline:
        time.sleep(OTHERS)
    return others


def online_now(address: tuple[str, int], patience: float, visitors: set[str]) -> int:
    """How many are online but the one who asks, and who is left behind at once."""
    answer = b""
    with (
        contextlib.suppress(OSError),  # What is wrong here, the checks tell better.
        open_socket(address, patience) as sock,
    ):
        visitors.add("{}:{}".format(*sock.getsockname()))
        sock.sendall(b"who\n")
        answer = leave(sock, patience)
    listed = answer.count(phrases.IS_ONLINE.format(name="")[1:].encode())
    return max(listed - 1, 0)

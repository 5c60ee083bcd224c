"""Readers without a socket: they write when they are told, and remember what."""

from collections import deque
from collections.abc import Callable

from im_final.fanout import FanOut
from im_final.log import Log
from im_final.outbox import Outbox

SHARE = 2**18


class Soon:
    """A loop that does what was put into it when a test says so, and not before."""

    def __init__(self) -> None:
        self.due: deque[Callable[[], None]] = deque()

    def __call__(self, act: Callable[[], None]) -> None:
        """As `loop.call_soon`."""
        self.due.append(act)

    def turn(self) -> int:
        """Do what is due now, not what it brings about. Returns how much that was."""
        count = len(self.due)
        for _ in range(count):
            self.due.popleft()()
        return count

    def turns(self, most: int = 1000) -> None:
        """Go on until nothing is due. What never comes to rest fails."""
        for _ in range(most):
            if not self.turn():
                return
        raise AssertionError(f"something is still due after {most} turns")


class Reader:
    """Somebody with an outbox, whose writes are kept."""

    def __init__(self, log: Log, fanout: FanOut | None = None) -> None:
        self.outbox = Outbox(log, self)
        self.fanout = fanout
        self.rings = 0
        self.writes: list[bytes] = []
        self.blocked = False

    def ring(self) -> None:
        """There is a line for this reader alone."""
        self.rings += 1
        self.write_first()

    def write_first(self) -> None:
        """This reader is written to before others."""
        if self.fanout:
            self.fanout.call(self)

    def pump(self) -> None:
        """Write all that is owed, unless the wire is stuck."""
        while not self.blocked and (data := self.outbox.take()):
            self.writes.append(data)

    def read(self) -> bytes:
        """All that was written until now."""
        return b"".join(self.writes)


class Room:
    """A log, its readers, and what writes to them; no server."""

    def __init__(self, count: int = 0) -> None:
        self.log = Log()
        self.soon = Soon()
        self.readers: dict[Reader, None] = {}
        self.fanout = FanOut(self.log, self.readers.keys(), self.soon, SHARE)
        for _ in range(count):
            self.enter()

    def enter(self, kind: Callable[[Log, FanOut], Reader] = Reader) -> Reader:
        """One more, who reads from now on."""
        reader = kind(self.log, self.fanout)
        reader.outbox.begin()
        self.readers[reader] = None
        return reader

    def say(self, line: bytes) -> None:
        """Say a line."""
        self.log.append(line)
        self.fanout.wake()

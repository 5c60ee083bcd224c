"""What one connection is still to be sent, in order: the room's log, and lines of its own between.

A line for one user alone (an answer, a private line) has its place in the stream: after all that
was said before it, before all that is said after. So it is kept with the position that the log had
when it was put here, and `take` gives the log up to there first.

Two kinds of bytes wait, and they mean different things. `answers` are replies to this user's own
commands: whoever asks without reading slows only themselves, by not being heard until there is
room again (`is_full`). `owed` is what others said: it must not slow the others, so there is a limit
to it, behind which the user is dropped.
"""

from collections import deque
from typing import Protocol

from im_final.log import Log

WRITE = 2**16  # Bytes that one write should have, if there are as many.
FULL = 2**16  # Bytes of answers from which on no further command is heard.


class Owner(Protocol):
    """Whoever the outbox is for."""

    def ring(self) -> None:
        """There is a line for this one alone; that the log has grown, the room tells."""

    def write_first(self) -> None:
        """This one waits for something: write to them before others."""


class Direct:
    """Lines for one user, at a position in the log."""

    __slots__ = ("answers", "data", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.data = bytearray()
        self.answers = 0  # Bytes of `data` that are answers.


class Outbox:
    """The way out of one connection. The log goes through it between `begin` and `end`."""

    __slots__ = ("answers", "cursor", "directs", "last", "owner", "private")

    def __init__(self, log: Log, owner: Owner) -> None:
        self.owner = owner
        self.cursor = log.cursor()
        self.cursor.let_go()
        self.directs: deque[Direct] | None = None  # Most users have none, most of the time.
        self.answers = 0
        self.private = 0
        self.last: int | None = log.end  # Position at which this user stops reading the log.

    @property
    def is_full(self) -> bool:
        """Whether so many answers wait that no further command should be heard."""
        return self.answers > FULL

    @property
    def owed(self) -> int:
        """Bytes from others that wait: their chat and their private lines."""
        if self.last is not None:
            return max(self.last - self.cursor.position, 0) + self.private
        return self.cursor.behind + self.private

    def answer(self, data: bytes) -> None:
        """Add a reply to this user's own command. Nothing is no reply: it would end `take`."""
        if not data:
            return
        direct = self._direct()
        direct.data += data
        direct.answers += len(data)
        self.answers += len(data)
        self.owner.ring()

    def send(self, data: bytes) -> None:
        """Add a line from somebody else; nothing is none."""
        if not data:
            return
        self._direct().data += data
        self.private += len(data)
        self.owner.ring()

    def _direct(self) -> Direct:
        here = self.cursor.log.end if self.last is None else self.last
        if self.directs is None:
            self.directs = deque()
        if not self.directs or self.directs[-1].position != here:
            self.directs.append(Direct(here))
        return self.directs[-1]

    def begin(self) -> None:
        """What the room says from now on is for this user."""
        self.cursor = self.cursor.log.cursor()
        self.last = None

    def end(self) -> None:
        """Nothing that the room says from now on is for this user."""
        if self.last is None:
            self.last = self.cursor.log.end
            self._let_go_at_the_end()

    def close(self) -> None:
        """Nobody takes anything any more, so keep nothing: neither the log nor lines of one's own.

        An outbox and its owner have each other: they may be in memory long after they were of use.
        """
        self.directs = None
        self.cursor.let_go()

    def take(self) -> bytes:
        """What to write next, about WRITE bytes or all that there is."""
        if self.directs is None and self.cursor.block.next is None:
            return b""  # Asked after nearly every write, so it costs no further call.
        data = self.cursor.take(WRITE, self.last) if self.directs is None else self._take()
        if self.last is not None:
            self._let_go_at_the_end()
        return data

    def _let_go_at_the_end(self) -> None:
        """Who reads no more of the log must not keep in memory what others still say in it."""
        if self.last is not None and self.cursor.position >= self.last:
            self.cursor.let_go()

    def _take(self) -> bytes:
        parts, size = [], 0
        while size < WRITE and (part := self._next(WRITE - size)):
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _next(self, limit: int) -> bytes | bytearray:
        if not self.directs:
            self.directs = None
            return self.cursor.take(limit, self.last)
        direct = self.directs[0]
        if self.cursor.position < direct.position:
            return self.cursor.take(limit, direct.position)
        self.directs.popleft()
        self.answers -= direct.answers
        self.private -= len(direct.data) - direct.answers
        return direct.data

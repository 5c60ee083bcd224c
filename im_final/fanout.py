"""Who is written to, and when: once per turn of the event loop, whatever was said in it.

    lines of this turn ─▶ log ─▶ turn: seal ─▶ each connection: one write

A turn that takes a thousand lines and has a thousand readers costs a thousand writes, not a
million. With very many readers even that is long, so it is done a slice at a time, and reading goes
on in between; what is said meanwhile, the ones who come later get in the same write.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Collection
from time import perf_counter
from typing import Protocol

from im_final.log import Log

SLICE = 512  # Of each kind to write to before reading gets a turn: some milliseconds.
TURN_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # Upper ends of a histogram.


class Reader(Protocol):
    """What is written to."""

    def pump(self) -> None:
        """Write what is owed, as far as the transport takes it."""


class FanOut:
    """Brings every reader up to the end of the log.

    `soon` puts a function into the next turn of the loop (`loop.call_soon`). `readers` may change
    at any time. A speaker who says much waits while the readers have not taken the last `share`
    bytes (`hearing.py`).
    """

    def __init__(
        self,
        log: Log,
        readers: Collection[Reader],
        soon: Callable[[Callable[[], None]], object],
        share: int,
    ) -> None:
        self.log = log
        self.readers = readers
        self.soon = soon
        self.share = share
        self.is_due = False
        self.told = 0  # Position up to which the readers were told, or are just being told.
        self.to_tell: deque[Reader] = deque()  # Who has not had what was said up to there.
        self.blocked: dict[Reader, None] = {}  # Readers whose transport takes no more now.
        self.taken = 0  # Position up to which all readers took what was said, or had time enough.
        self.waiting: dict[Callable[[], None], None] = {}  # Speakers go on with this when all have.
        self.called: dict[Reader, None] = {}  # Who waits for something; in order, each once.
        self.to_answer: deque[Reader] = deque()  # Those of a moment ago.
        self.lines_told = 0  # Of the log.
        self.deliveries = 0  # Lines of the log, times their readers.
        self.turns = [0] * (len(TURN_SECONDS) + 1)
        self.seconds = 0.0

    def wake(self) -> None:
        """There is something to write: a turn is due."""
        if not self.is_due:
            self.is_due = True
            self.soon(self.turn)

    def call(self, reader: Reader) -> None:
        """Write to this reader first, whether or not the log has grown."""
        self.called[reader] = None
        self.wake()

    def unblock(self, reader: Reader) -> None:
        """This reader has taken all, or is none any more."""
        self.blocked.pop(reader, None)
        if not self.blocked and self.taken < self.told:
            self.wake()

    def wait_no_longer(self, taken: int) -> None:
        """Let the speakers go on, unless more than `taken` has been taken meanwhile."""
        if self.taken == taken:
            self.taken = self.log.end
            self._let_speak()

    def _let_speak(self) -> None:
        for speak in self.waiting:
            self.soon(speak)
        self.waiting.clear()

    def turn(self) -> None:
        """Seal what was said, and write to whom it concerns, a slice at the most.

        What one `pump` raises goes to the loop, and the others have their turn in the next.
        """
        began = perf_counter()
        self.is_due = False
        self.log.seal()
        if not self.to_tell and self.told < self.log.sealed:
            self.told = self.log.sealed
            self.to_tell.extend(self.readers)
            self.deliveries += (self.log.lines - self.lines_told) * len(self.to_tell)
            self.lines_told = self.log.lines
        if not self.to_answer:
            self.to_answer.extend(self.called)
            self.called.clear()
        try:
            self._write_to_a_slice()
        finally:
            if not self.to_tell and not self.blocked:
                if self.told > self.taken:  # noqa: PLR1730 - `max` is a call for each turn
                    self.taken = self.told
                if self.waiting:
                    self._let_speak()
            if self.to_tell or self.to_answer or self.called or self.told < self.log.sealed:
                self.wake()
            took = perf_counter() - began
            self.seconds += took
            self.turns[bisect_left(TURN_SECONDS, took)] += 1

    def _write_to_a_slice(self) -> None:
        for _ in range(SLICE):  # In turn: those who ask all the time must not starve the others.
            if self.to_answer:
                self.to_answer.popleft().pump()
            if self.to_tell:
                self.to_tell.popleft().pump()
            elif not self.to_answer:
                break

"""A clock that is an argument: time passes when a test says so, and not before.

`run(story, clock)` runs a story in an event loop whose timers go by `clock`. Sockets work as ever.
While the clock stands, no timer can end a wait that should not be; so the loop itself has a
deadline, in real time, and fails the test that runs into it.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from dataclasses import dataclass

REAL_TIME = 30.0  # Seconds that a whole story may take; each takes far less.


@dataclass
class Clock:
    """What time it is, in seconds."""

    now: float = 1000.0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class HangsError(Exception):
    """The story waits for something that does not come."""


class Watched(selectors.DefaultSelector):
    """Waits for sockets, however long the timers would let it, until the story is over time."""

    deadline = 0.0
    hangs = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """The sockets that are ready. Raises HangsError, once."""
        left = self.deadline - time.monotonic()
        if self.hangs:
            return super().select(timeout)
        events = super().select(0 if timeout is not None and timeout <= 0 else max(left, 0))
        if time.monotonic() > self.deadline:
            self.hangs = True
            raise HangsError(f"the story is not over after {REAL_TIME:g} real seconds")
        return events


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop that asks `clock` what time it is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.watched = Watched()
        self.watched.deadline = time.monotonic() + REAL_TIME
        super().__init__(self.watched)

    def time(self) -> float:
        """The clock's time; when the story hangs, real time, so that what waits can end."""
        return self.clock.now + (super().time() if self.watched.hangs else 0)

    def timers(self) -> int:
        """How many timers it keeps, those included that were cancelled but not yet cleared."""
        return len(self._scheduled)  # type: ignore[attr-defined]

    def due(self) -> int:
        """How many timers will fire one day."""
        return sum(not timer.cancelled() for timer in self._scheduled)  # type: ignore[attr-defined]


def run(story: Coroutine[object, object, None], clock: Clock) -> None:
    """Run a story to its end, with time as `clock` has it."""
    with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(story)

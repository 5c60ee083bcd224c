"""The clock by which limits are measured: it counts the time in which the server ran.

A process can stand still: SIGSTOP, a machine that swaps, a virtual machine that is moved, a laptop
that sleeps. Peers do not know that, and what they send meanwhile waits in the system. By a clock
that went on they would all be late when the process goes on, since the event loop calls timers
before it has read anything. So time in which nobody looked at this clock does not count.
"""

import time
from collections.abc import Callable

LONGEST = 1.0  # Seconds between two looks, at most, that count; the sweep looks twice as often.


class RunningClock:
    """A clock that is called to look at it, and adds LONGEST seconds at most between two looks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.seen_at = self.now = clock()

    def __call__(self) -> float:
        """Return the time, in seconds since some moment."""
        seen_at = self.clock()
        self.now += min(seen_at - self.seen_at, LONGEST)
        self.seen_at = seen_at
        return self.now

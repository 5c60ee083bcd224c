"""A pace for those who write, or arrive: a token bucket.

A person who pastes ten lines is not slowed down; a program that sends a thousand is, to a pace that
others can read at. Its lines wait in its own socket, so it costs nobody else anything.
"""


class Pace:
    """`burst` lines at once, then `rate` a second. Times are seconds of any clock."""

    __slots__ = ("burst", "rate", "tokens", "updated")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self.burst = burst
        self.rate = rate
        self.tokens = burst
        self.updated = now

    def wait(self, now: float) -> float:
        """Take a line's turn: 0.0 if it is now, else the seconds to wait before asking again."""
        passed = max(now - self.updated, 0.0)  # A clock set back costs nobody their turn.
        self.tokens = min(self.burst, self.tokens + passed * self.rate)
        self.updated = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.rate
        self.tokens -= 1
        return 0.0

    def is_full(self, now: float) -> bool:
        """Whether this is as good as new."""
        return self.tokens + (now - self.updated) * self.rate >= self.burst

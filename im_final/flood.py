"""A pace for those who write, or arrive: a token bucket.

A person who pastes ten lines is not slowed down; a program that sends a thousand is, to a pace that
others can read at. Its lines wait in its own socket, so it costs nobody else anything.

A token is a line. What is no line is work, too: a telnet command, an empty line, a piece of a line
that comes byte by byte. Such work is paid for when it is done (`pay`), and may leave a debt. While
there is a debt, nothing more is read. What was paid for the pieces of a line is taken off its
price, so a long line waits no longer than a short one.
"""

from im_final.password import ATTEMPTS

COMMAND = 1 / 16  # Tokens for a telnet command or an empty line: a key held down sends 30 a second.
READ = 256  # Bytes as which a read counts at least, if no line ends in it.
LINE = 4096  # Bytes of such reads that cost a token, or as many as the longest line has.
GUEST = (ATTEMPTS, 1.0)  # Tokens at once, and a second, before the password: as many as are tried.


class Pace:
    """`burst` tokens at once, then `rate` a second. Times are seconds of any clock."""

    __slots__ = ("burst", "paid", "rate", "tokens", "updated")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self.burst = burst
        self.rate = rate
        self.tokens = burst
        self.paid = 0.0  # Since the last line.
        self.updated = now

    def wait(self, now: float) -> float:
        """Take a line's turn: 0.0 if it is now, else the seconds to wait before asking again."""
        self._refill(now)
        price = max(1 - self.paid, 0)
        if self.tokens < price:
            return (price - self.tokens) / self.rate
        self.tokens -= price
        self.paid = 0.0
        return 0.0

    def pay(self, price: float, now: float) -> None:
        """Pay for work that has been done, in tokens. A debt is never more than a burst."""
        self._refill(now)
        self.tokens = max(self.tokens - price, -self.burst)
        self.paid += price

    def debt(self, now: float) -> float:
        """Seconds for which nothing should be read: until the line that comes next can be heard.

        Work that cost more than a line is no part of one: after it, a whole token has to be there.
        """
        self._refill(now)
        if self.tokens >= 0:
            return 0.0
        price = 1 - self.paid if self.paid <= 1 else 1
        return (price - self.tokens) / self.rate

    def _refill(self, now: float) -> None:
        passed = max(now - self.updated, 0.0)  # A clock set back costs nobody their turn.
        self.tokens = min(self.burst, self.tokens + passed * self.rate)
        self.updated = now

    def is_full(self, now: float) -> bool:
        """Whether this is as good as new."""
        return self.tokens + (now - self.updated) * self.rate >= self.burst


def price_of_a_read(size: int, longest: int) -> float:
    """Tokens for a read of `size` bytes in which no line ends, where lines have up to `longest`."""
    return max(size, READ) / max(longest, LINE)

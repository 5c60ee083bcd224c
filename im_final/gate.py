"""Who may connect: so many in all, so many from one address, and those not too fast. No I/O.

Each arrival and each departure is a line that everyone reads, so a pace for lines alone would be no
limit to one who comes and goes.

One household has one IPv4 address, or one IPv6 network of 64 bits in which every device may take
as many addresses as it likes (RFC 7421): so IPv6 is counted by /64.
"""

import ipaddress
from collections import Counter
from collections.abc import Sequence

from im_final import phrases
from im_final.flood import Pace
from im_final.options import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOUSEHOLD = 64  # Bits of an IPv6 address.
REASONS = {phrases.FULL: "full", phrases.TOO_MANY: "address", phrases.TOO_FAST: "rate"}


def address_of(text: str) -> Address:
    """An address as a socket has it; an IPv4 one that came through an IPv6 socket is IPv4 again."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


class Gate:
    """Counts who is in. Who is in one of the `exempt` networks counts in all, but not by address.

    From one address `burst` may come at once, then `rate` a second; a rate of 0 sets no pace.
    """

    def __init__(
        self,
        most: int,
        most_per_address: int,
        exempt: Sequence[Network],
        *,
        burst: int = 1,
        rate: float = 0,
    ) -> None:
        self.most = most
        self.most_per_address = most_per_address
        self.exempt = exempt
        self.burst = burst
        self.rate = rate
        self.count = 0
        self.by_household: Counter[Address | Network] = Counter()
        self.paces: dict[Address | Network, Pace] = {}

    def admit(self, address: Address, now: float = 0) -> str | None:
        """Let somebody in, or return the line that says why not. `now` is in seconds."""
        if self.count >= self.most:
            return phrases.FULL
        if not self.is_exempt(address):
            home = household(address)
            if self.by_household[home] >= self.most_per_address:
                return phrases.TOO_MANY
            if self.rate and self._pace(home, now).wait(now):
                return phrases.TOO_FAST
            self.by_household[home] += 1
        self.count += 1
        return None

    def _pace(self, home: Address | Network, now: float) -> Pace:
        if home not in self.paces:
            self.paces[home] = Pace(self.burst, self.rate, now)
        return self.paces[home]

    def forget(self, now: float) -> None:
        """Keep nothing of those who have not come for so long that they may come as if new."""
        for home in [home for home, pace in self.paces.items() if pace.is_full(now)]:
            del self.paces[home]

    def release(self, address: Address) -> None:
        """Somebody who was let in has gone."""
        self.count -= 1
        if not self.is_exempt(address):
            home = household(address)
            self.by_household[home] -= 1
            if not self.by_household[home]:
                del self.by_household[home]

    def is_exempt(self, address: Address) -> bool:
        """Whether an address is in one of the exempt networks."""
        return any(address in network for network in self.exempt)


def household(address: Address) -> Address | Network:
    """What is counted as one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return ipaddress.ip_network((address, HOUSEHOLD), strict=False)

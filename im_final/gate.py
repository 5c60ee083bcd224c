"""Who may connect: so many in all, and so many from one address. No I/O.

One household has one IPv4 address, or one IPv6 network of 64 bits in which every device may take
as many addresses as it likes (RFC 7421): so IPv6 is counted by /64.
"""

import ipaddress
from collections import Counter
from collections.abc import Sequence

from im_final import phrases
from im_final.options import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOUSEHOLD = 64  # Bits of an IPv6 address.


def address_of(text: str) -> Address:
    """An address as a socket has it; an IPv4 one that came through an IPv6 socket is IPv4 again."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


class Gate:
    """Counts who is in. `exempt` networks count in all, but not by address."""

    def __init__(self, most: int, most_per_address: int, exempt: Sequence[Network]) -> None:
        self.most = most
        self.most_per_address = most_per_address
        self.exempt = exempt
        self.count = 0
        self.by_household: Counter[Address | Network] = Counter()

    def admit(self, address: Address) -> str | None:
        """Let somebody in, or return the line that says why not."""
        if self.count >= self.most:
            return phrases.FULL
        if not self.is_exempt(address):
            if self.by_household[household(address)] >= self.most_per_address:
                return phrases.TOO_MANY
            self.by_household[household(address)] += 1
        self.count += 1
        return None

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

"""Free ports that stay free while the program that has one is being restarted.

They are below those that systems give to outgoing connections (Linux: 32768, macOS: 49152 and up).
Otherwise a connection of anybody may have the port of a node in the moment in which that is dead.
Each process of ours has a block of its own, for which it keeps the UDP port of the first number.
"""

import atexit
import random
import socket
import threading
from contextlib import suppress

from stages.check.program import is_taken

BLOCK = 300
BLOCKS = range(20000, 32000, BLOCK)


class Ports:
    """Ports of this process's block, one after the other; after the last one, the first again."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.first = self.next = 0

    def take_block(self) -> int:
        """The first port of a block that no other process has. Raises OSError if there is none."""
        for first in random.sample(BLOCKS, len(BLOCKS)):
            claim = socket.socket(type=socket.SOCK_DGRAM)
            with suppress(OSError):
                claim.bind(("127.0.0.1", first))
                atexit.register(claim.close)
                return first
            claim.close()
        raise OSError(f"no block of ports from {BLOCKS.start} to {BLOCKS.stop} is free")

    def free(self, count: int = 1) -> int:
        """The first of so many ports in a row on which nobody listens. Raises OSError."""
        with self.lock:
            self.first = self.first or self.take_block()
            for _ in range(BLOCK):
                if self.next + count > BLOCK:
                    self.next = 0
                found = range(self.first + self.next, self.first + self.next + count)
                self.next += count
                if not any(is_taken(port) for port in found):
                    return found.start
        raise OSError(f"no port from {self.first} on is free")


free_ports = Ports().free

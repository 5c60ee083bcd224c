"""The others: people who talk while somebody attacks, and how long they wait for their own lines.

Each says a line so often, whether or not the last has come back: a server that makes them wait must
not be measured by fewer lines.
"""

import asyncio
import ssl
from typing import Any

TALKERS = 4
READERS = 10
EVERY = 0.02  # Seconds between two lines of a talker.
PATIENCE = 5.0  # Seconds for what is still on its way at the end; then it is lost.


class Person(asyncio.Protocol):
    """One of them. All that is looked for in what comes are the marks of one's own lines."""

    def __init__(self, number: int) -> None:
        self.mark = b":<%d>" % number
        self.tail = b""
        self.sent: list[float] = []
        self.waits: list[float] = []
        self.is_in = asyncio.Event()
        self.is_lost = asyncio.Event()

    async def come(self, port: int, hello: bytes, tls: ssl.SSLContext | None) -> None:
        """Connect, and be in the room."""
        self.loop = asyncio.get_running_loop()
        made = await self.loop.create_connection(lambda: self, "127.0.0.1", port, ssl=tls)
        self.transport: Any = made[0]
        self.transport.write(hello)
        await self.is_in.wait()

    def data_received(self, data: bytes) -> None:
        """The own lines come back in the order in which they were sent."""
        self.is_in.set()
        data = self.tail + data
        now = self.loop.time()
        for _ in range(data.count(self.mark)):
            self.waits.append(now - self.sent[len(self.waits)])
        self.tail = data[data.rfind(self.mark) + 1 :][1 - len(self.mark) :]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was
        """The server has disconnected one who did nothing wrong."""
        self.is_lost.set()

    async def talk(self, seconds: float) -> None:
        """Say a line now and then, for so long."""
        began = self.loop.time()
        for number in range(int(seconds / EVERY)):
            await asyncio.sleep(began + number * EVERY - self.loop.time())
            self.sent.append(self.loop.time())
            self.transport.write(self.mark[1:] + b"\n")


async def waits(
    port: int, seconds: float, hello: bytes = b"", tls: ssl.SSLContext | None = None
) -> list[float]:
    """Talk for so long: the seconds that each line took to come back, sorted.

    What did not come back counts as PATIENCE. Raises ConnectionError if the server drops somebody.
    """
    people = [Person(number) for number in range(TALKERS + READERS)]
    for one in people:
        await one.come(port, hello, tls)
    await asyncio.gather(*[one.talk(seconds) for one in people[:TALKERS]])
    for _ in range(int(PATIENCE / EVERY)):
        if all(len(one.waits) == len(one.sent) for one in people):
            break
        await asyncio.sleep(EVERY)
    dropped = sum(one.is_lost.is_set() for one in people)
    for one in people:
        one.transport.abort()
    if dropped:
        raise ConnectionError(f"{dropped} of {len(people)} others were dropped")
    lost = sum(len(one.sent) - len(one.waits) for one in people)
    return sorted([wait for one in people for wait in one.waits] + [PATIENCE] * lost)

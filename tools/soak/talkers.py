"""People who talk all the time, and the history of the lines that they sent and read.

A line is *acknowledged* when its sender has read it. The checker says whether all promises about
such lines were kept (`checker.py`).
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from im_final import phrases
from tools.soak import checker
from tools.soak.history import LAST, Record, listings

PATIENCE = 30.0
PAUSE = 0.01  # Seconds between an echo and the next line.


class Wrong(Exception):
    """What was promised has not been kept; the message says what."""


async def open_connection(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect from an address that no other connection has.

    Without `bind`, two connections to two nodes can have one.
    """
    return await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.1", 0))


def nothing(_: int) -> str:
    """No command, whatever the number of the line."""
    return ""


class Talker(Record):
    """Somebody called `label`, at one node."""

    def __init__(self, label: str, node: int = 0) -> None:
        super().__init__(label, node)
        self.said = 0
        self.last = ""
        self.came_back = False  # Whether the last line did.
        self.is_talking = False
        self.may_talk = asyncio.Event()
        self.may_talk.set()
        self.changed = asyncio.Event()
        self.talking: asyncio.Task[None] | None = None
        self.tasks: list[asyncio.Task[None]] = []

    async def connect(self, port: int) -> None:
        """Connect to a node."""
        self.reader, self.writer = await open_connection(port)
        self.addr = "{}:{}".format(*self.writer.get_extra_info("sockname")[:2])
        self.tasks.append(asyncio.create_task(self.read()))

    async def comes(self, port: int) -> None:
        """Connect, and be in the room."""
        await self.connect(port)
        await self.reads(phrases.SAID.format(addr=self.addr, name=self.addr, text=phrases.ONLINE))

    async def read(self) -> None:
        """Remember every line, until the end."""
        with contextlib.suppress(OSError):
            async for line in self.reader:
                text = line.decode().removesuffix("\n")
                self.times.append(time.monotonic())
                self.lines.append(text)
                self.came_back |= text.endswith(f":{self.last}")
                self.changed.set()
        self.is_gone = True
        self.changed.set()

    def says(self, text: str) -> None:
        """Send a line."""
        self.sent.append((time.monotonic(), text))
        self.writer.write(f"{text}\n".encode())

    async def reads(self, text: str, times: int = 1, within: float = PATIENCE) -> None:
        """A line with this text comes, or came, so many times. Raises Wrong."""
        try:
            async with asyncio.timeout(within):
                while sum(text in line for line in self.lines) < times:
                    if self.is_gone:
                        raise Wrong(f"{self.label} was cut off, and waits for {text!r}")
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            last = "\n  ".join(self.lines[-5:])
            raise Wrong(f"{self.label} does not read {text!r}; the last lines:\n  {last}") from None

    def begins_to_talk(
        self, asks: Callable[[int], str] = nothing, *, pause: float = PAUSE, active: float = 0.0
    ) -> None:
        """Say a line when the last one has come back, again and again.

        Before line N the talker sends the command `asks(N)`, if there is one. With `active`, they
        also send an empty line every `active` seconds: that keeps them from being idle.
        """
        self.is_talking = True
        self.talking = asyncio.create_task(self.talk(asks, pause))
        self.tasks.append(self.talking)
        if active:
            self.tasks.append(asyncio.create_task(self.stay_active(active)))

    async def talk(self, asks: Callable[[int], str], pause: float) -> None:
        """Say numbered lines."""
        while self.is_talking and not self.is_gone:
            await self.take_turn(asks(self.said + 1))
            await asyncio.sleep(pause)
            await self.may_talk.wait()

    async def take_turn(self, command: str) -> None:
        """Send a command, if there is one, and the next line; wait until that has come back."""
        if command:
            self.says(command)
        self.said += 1
        self.last, self.came_back = f"{self.label}#{self.said}", False
        self.says(self.last)
        while not self.came_back and not self.is_gone:
            self.changed.clear()
            await self.changed.wait()

    async def stay_active(self, every: float) -> None:
        """Send an empty line, which nobody reads, again and again."""
        while not self.is_gone:
            self.says("")
            await asyncio.sleep(every)

    def listing(self) -> list[str]:
        """The last answer to `who`."""
        return ([[]] + [names for _, names in listings(self.events())])[-1]

    async def leaves(self) -> None:
        """Hang up."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.tasks:
            self.writer.close()
            with contextlib.suppress(OSError):
                await self.writer.wait_closed()


async def all_end_their_lines(talkers: Sequence[Talker], within: float = PATIENCE) -> None:
    """Everyone who is here stops talking, and reads their own last line. Raises Wrong."""
    here = [one for one in talkers if not one.is_gone]
    for one in here:
        one.is_talking = False
        one.may_talk.set()
    try:
        async with asyncio.timeout(within):
            for one in here:
                await asyncio.gather(*[one.talking] if one.talking else [])
    except TimeoutError:
        raise Wrong(f"{one.label}'s last line never comes back: {one.lines[-3:]}") from None


async def all_read_all(talkers: Sequence[Talker], within: float = PATIENCE) -> None:
    """Everyone who is here says a last line, and reads all others'. Raises Wrong."""
    here = [one for one in talkers if not one.is_gone]
    for one in here:
        one.says(f"{one.label}#{LAST}")
    for reader in here:
        for one in here:
            await reader.reads(f"{one.label}#{LAST}", within=within)


async def all_fall_silent(talkers: Sequence[Talker], within: float = PATIENCE) -> None:
    """Everyone ends their line, and reads the lines of all others. Raises Wrong."""
    await all_end_their_lines(talkers, within)
    await all_read_all(talkers, within)


def check(talkers: Sequence[Talker]) -> int:
    """Whether all lines were kept; returns how many were looked at. Raises Wrong."""
    for wrong in checker.violations(talkers, looks=checker.LINES):
        raise Wrong(f"{wrong.promise}: {wrong.text}")
    return sum(1 for one in talkers if not one.is_gone for _ in one.chat())

"""People who talk without a pause, remember what they read, and what must be true of that.

A line is *acknowledged* when its sender has read it. It must have been read exactly once, and in
the same order, by everyone who stayed and was there when it was said.
"""

import asyncio
import contextlib
import re
from collections.abc import Iterable, Sequence

from im_final import phrases

LINE = re.compile(r"\[[^\]]*\][^:]*(?::\d+)?:(?P<text>\S+#\d+)")
PATIENCE = 30.0
PAUSE = 0.01  # Seconds between an echo and the next line.


class Wrong(Exception):
    """What was promised has not been kept; the message says what."""


class Talker:
    """Somebody called `label`, at one node."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.lines: list[str] = []  # All that was read.
        self.heard: list[str] = []  # Of that, what people said.
        self.said = 0
        self.last = ""
        self.came_back = False  # Whether the last line did.
        self.is_gone = False
        self.is_talking = False
        self.changed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def connect(self, port: int) -> None:
        """Connect to a node."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
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
                self.lines.append(text)
                if found := LINE.fullmatch(text):
                    self.heard.append(found["text"])
                    self.came_back |= found["text"] == self.last
                self.changed.set()
        self.is_gone = True
        self.changed.set()

    def says(self, text: str) -> None:
        """Send a line."""
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

    def begins_to_talk(self) -> None:
        """Say a line when the last one has come back, again and again."""
        self.is_talking = True
        self.tasks.append(asyncio.create_task(self.talk()))

    async def talk(self) -> None:
        """The lines have numbers."""
        while self.is_talking and not self.is_gone:
            self.said += 1
            self.last, self.came_back = f"{self.label}#{self.said}", False
            self.says(self.last)
            while not self.came_back and not self.is_gone:
                self.changed.clear()
                await self.changed.wait()
            await asyncio.sleep(PAUSE)

    async def leaves(self) -> None:
        """Hang up."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.tasks:
            self.writer.close()
            with contextlib.suppress(OSError):
                await self.writer.wait_closed()


async def all_fall_silent(talkers: Sequence[Talker], within: float = PATIENCE) -> None:
    """Everyone ends their line, and has read what all others said. Raises Wrong."""
    here = [one for one in talkers if not one.is_gone]
    for one in here:
        one.is_talking = False
    try:
        async with asyncio.timeout(within):
            for one in here:
                await asyncio.gather(*one.tasks[1:])
    except TimeoutError:
        raise Wrong(f"{one.label}'s last line never comes back: {one.lines[-3:]}") from None
    for one in here:
        one.says(f"{one.label}#0")
    for reader in here:
        for one in here:
            await reader.reads(f"{one.label}#0", within=within)


def check(talkers: Iterable[Talker]) -> int:
    """Whether all was kept; returns how many lines were looked at. Raises Wrong."""
    everyone = list(talkers)
    here = [one for one in everyone if not one.is_gone]
    for one in everyone:
        if len(set(one.heard)) != len(one.heard):
            twice = next(line for line in one.heard if one.heard.count(line) > 1)
            raise Wrong(f"{one.label} read {twice} more than once")
        if phrases.MISSED in one.lines:
            raise Wrong(f"{one.label} was told that lines may be missing")
    for one in everyone:
        acknowledged = [line for line in one.heard if line.startswith(f"{one.label}#")]
        numbers = [int(line.partition("#")[2]) for line in acknowledged]
        expected = list(range(1, max(numbers, default=0) + 1)) + [0] * (0 in numbers)
        if numbers != expected:
            raise Wrong(f"{one.label} read their own lines as {numbers}")
    for one in here:
        place = {line: at for at, line in enumerate(one.heard)}
        for other in everyone:
            if other is one:
                continue
            common = [line for line in other.heard if line in place]
            order = [place[line] for line in common]
            if order != sorted(order):
                at = next(at for at in range(1, len(order)) if order[at] < order[at - 1])
                two = common[at - 1 : at + 1]
                raise Wrong(f"{one.label} and {other.label} read in another order: {two}")
            missing = missed(one, other)
            if missing:
                raise Wrong(f"{one.label} never read {missing[0]}, which {other.label} read")
    return sum(len(one.heard) for one in here)


def missed(one: Talker, other: Talker) -> list[str]:
    """What `one` has not read of what `other` read since both were there."""
    came = next((at for at, line in enumerate(other.lines) if joined(one, line)), None)
    since = other.lines if came is None else other.lines[came:]
    read = set(one.heard)
    found = [match["text"] for line in since if (match := LINE.fullmatch(line))]
    return [line for line in found if line not in read]


def joined(one: Talker, line: str) -> bool:
    """Whether this line says that somebody came."""
    return line.startswith(f"[{one.addr}]") and line.endswith(phrases.ONLINE)

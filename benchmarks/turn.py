"""`python -m benchmarks.turn`: what a turn of the finished server costs without the system's share.

The connections are real, their transports are not: what is written goes nowhere. So what is left is
what the interpreter does, in two parts: one read that brings so many lines, and the turn in which
all readers are written to. A thousand lines come in as few reads as in a flood. The best of many
repetitions: everything is in the caches, nobody else has the core.
"""

import argparse
import asyncio
import ipaddress
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import im_final
from benchmarks.report import grid
from im_final.connection import Connection

HOME = ipaddress.ip_address("127.0.0.1")
LINE = b"x" * 63 + b"\n"
LINES = (1, 10, 1000)
READERS = (1, 10, 100, 1000)


class Sink(asyncio.Transport):
    """A transport that takes everything at once."""

    def write(self, data: Any) -> None:
        """Nothing becomes of it."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is no buffer."""

    def is_closing(self) -> bool:
        """It lasts."""
        return False


class House:
    """A server that does not listen, and those who have come all the same."""

    def __init__(self, count: int, transport: Callable[[], Sink] = Sink) -> None:
        self.server = im_final.Server(port=0)
        self.turns: list[Callable[[], None]] = []
        self.server.soon = self.turns.append  # type: ignore[assignment, method-assign]
        self.server.fanout.soon = self.turns.append
        self.people = [Connection(self.server, HOME, 1000 + number) for number in range(count)]
        for connection in self.people:
            connection.connection_made(transport())
        self.run()

    def run(self) -> None:
        """All turns of the loop that are due."""
        while self.turns:
            self.turns.pop(0)()

    def hears(self, number: int, data: bytes) -> None:
        """One read that brings so much from one of them."""
        self.people[number].get_buffer(-1)[: len(data)] = data
        self.people[number].buffer_updated(len(data))


def cost(lines: int, readers: int, repeat: int) -> tuple[float, float]:
    """Seconds for a read of so many lines, and for the turn that brings them to so many."""
    house, data = House(readers), LINE * lines
    reading, writing = [], []
    for _ in range(repeat):
        began = time.perf_counter()
        house.hears(0, data)
        between = time.perf_counter()
        house.run()
        reading.append(between - began)
        writing.append(time.perf_counter() - between)
    return min(reading), min(writing)


def rows(repeat: int) -> Iterator[list[str]]:
    """A row for each number of lines: what the read costs, then the turn by readers."""
    for lines in LINES:
        costs = [cost(lines, readers, repeat) for readers in READERS]
        read = min(reading for reading, _ in costs)
        yield [f"{lines:,}", f"{read * 1e6:.3g}", *[f"{turn * 1e6:.3g}" for _, turn in costs]]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.turn",
        description="what a turn costs, without the system",
        allow_abbrev=False,
    )
    parser.add_argument("--repeat", type=int, default=200)
    columns = ["the read", *[f"turn, readers: {readers:,}" for readers in READERS]]
    print(grid("µs; lines", columns, rows(parser.parse_args(argv).repeat)))


if __name__ == "__main__":
    main()

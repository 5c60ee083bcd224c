"""What a turn costs, in counts that are the same on every machine: writes, calls, bytes allocated.

The benchmarks say how fast it is; these say at once when something makes it slower by design. The
connections here are real, their transports are not: nothing is sent, everything is counted.
"""

import gc
import os
import socket
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import turn
from benchmarks.turn import Sink
from im_final.hearing import MANY
from tests.im_final.conftest import Run
from tests.im_final.rooms import open_room
from tests.stages.turns import until

LINE = b"x" * 64 + b"\n"


class Counted(Sink):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: Any) -> None:
        self.writes.append(data)


class House(turn.House):
    """With the transports of its people, to which nothing has been written yet."""

    def __init__(self, count: int) -> None:
        self.transports: list[Counted] = []
        super().__init__(count, self.transport)
        for transport in self.transports:
            transport.writes.clear()

    def transport(self) -> Counted:
        self.transports.append(Counted())
        return self.transports[-1]


def calls(act: Callable[[], None]) -> int:
    """How many functions are called meanwhile, Python's own and ours."""
    count = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


def cost(house: House, lines: int) -> int:
    """Calls for a read with so many lines of one, and the turn in which all get them."""

    def act() -> None:
        house.hears(0, LINE * lines)
        house.run()

    return calls(act)


def memory(act: Callable[[], None]) -> tuple[int, int]:
    """Bytes that are allocated meanwhile: what stays, and what there is at most at one time."""
    gc.collect()
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


# Writes.


@pytest.mark.parametrize("lines", [1, MANY, 1000])
def test_what_one_says_in_a_read_is_one_write_to_each_and_one_object_for_all(lines: int) -> None:
    house = House(100)
    house.hears(0, LINE * lines)
    house.run()
    assert [len(transport.writes) for transport in house.transports] == [1] * 100
    assert len({id(transport.writes[0]) for transport in house.transports}) == 1
    assert house.transports[0].writes[0].count(b"\n") == lines


def test_what_many_say_in_a_turn_is_one_write_to_each() -> None:
    house = House(100)
    for talker in range(50):
        house.hears(talker, LINE)
    house.run()
    assert [len(transport.writes) for transport in house.transports] == [1] * 100
    assert house.transports[0].writes[0].count(b"\n") == 50


def test_an_answer_in_the_midst_of_it_is_no_further_write() -> None:
    house = House(100)
    house.hears(0, LINE + b"who\n" + LINE)
    house.run()
    assert [len(transport.writes) for transport in house.transports] == [1] * 100


def test_who_speaks_is_the_first_to_see_it() -> None:
    house = House(100)
    order: list[int] = []
    for number, transport in enumerate(house.transports):
        transport.write = lambda _, number=number: order.append(number)  # type: ignore[method-assign, misc]
    for lines in (1, MANY):
        house.hears(99, LINE * lines)
        house.run()
        assert order[0] == 99
        assert sorted(order) == list(range(100))
        order.clear()


# Calls.


def test_a_thousand_plain_lines_in_a_read_cost_as_many_calls_as_a_few() -> None:
    house = House(10)
    pieces = 1000 * len(LINE) // house.server.max_line + 1
    assert cost(house, 1000) - cost(house, MANY) <= 3 * pieces


def test_a_line_by_itself_costs_few_calls() -> None:
    house = House(10)
    two, one = cost(house, 2), cost(house, 1)
    assert 0 < two - one <= 22


def test_a_private_line_costs_few_calls_and_a_write_to_one() -> None:
    house = House(10)
    house.hears(1, b"rename|bob\n")
    house.run()
    house.transports[1].writes.clear()

    def act() -> None:
        house.hears(0, b"to|bob|" + LINE)
        house.run()

    assert 0 < calls(act) <= 90
    assert [len(transport.writes) for transport in house.transports] == [0, 1] + [0] * 8


def test_a_reader_more_costs_few_calls_and_the_same_whatever_is_said() -> None:
    few, many = House(100), House(200)
    for lines in (1, 1000):
        assert cost(many, lines) - cost(few, lines) <= 12 * 100


# Memory.


def test_a_turn_allocates_for_what_is_said_and_not_for_who_reads() -> None:
    data = LINE * 1000
    peaks = []
    for readers in (100, 200):
        house = House(readers)
        peaks.append(memory(lambda house=house: cost(house, 1000))[1])
    assert peaks[0] < 6 * len(data)
    assert peaks[1] - peaks[0] < len(data)


def test_someone_idle_costs_little() -> None:
    houses = []
    few, many = [memory(lambda n=n: houses.append(House(n)))[0] for n in (100, 200)]
    assert (many - few) / 100 < 1600


# Reads.


def test_what_has_come_is_heard_in_one_go(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            sock = alice.writer.get_extra_info("socket")
            before = room.counts().bytes_in
            with socket.socket(fileno=os.dup(sock.fileno())) as at_once:
                assert at_once.send(LINE * 400) == len(LINE) * 400
            await until(lambda: room.counts().bytes_in > before)
            assert room.counts().bytes_in == before + len(LINE) * 400
            await bob.reads(*[alice.line("x" * 64)] * 400)

    run(story())

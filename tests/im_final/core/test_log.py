"""The log and its cursors: however they are moved, all of them read one and the same stream."""

from dataclasses import dataclass, field
from typing import ClassVar
from weakref import WeakSet

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import log as log_module
from im_final.log import BLOCK, Block, Cursor, Log
from tests.stages.any_input import any_input

PLENTY = 2**30


def said(*lines: bytes) -> Log:
    """A log in which each of these lines was a turn of its own."""
    log = Log()
    for line in lines:
        log.append(line)
        log.seal()
    return log


# Sealed once per turn.


def test_nothing_is_read_before_the_turn_is_over() -> None:
    log = Log()
    cursor = log.cursor()
    log.append(b"one\n")
    assert cursor.take(PLENTY) == b""
    log.seal()
    assert cursor.take(PLENTY) == b"one\n"
    assert cursor.take(PLENTY) == b""


def test_what_was_said_in_a_turn_is_one_object_for_all_who_are_up_to_date() -> None:
    log = Log()
    cursors = [log.cursor() for _ in range(3)]
    for turn in ([b"one\n"], [b"two\n", b"three\n"]):
        for line in turn:
            log.append(line)
        log.seal()
        first, second, third = [cursor.take(PLENTY) for cursor in cursors]
        assert first == b"".join(turn)
        assert first is second is third


def test_a_turn_in_which_nothing_was_said_seals_nothing() -> None:
    log = said(b"one\n")
    block = log.open
    log.seal()
    assert log.open is block


def test_a_reader_who_comes_reads_what_is_said_from_then_on() -> None:
    log = said(b"before\n")
    log.append(b"in the same turn\n")
    cursor = log.cursor()
    log.append(b"after\n")
    log.seal()
    assert cursor.take(PLENTY) == b"after\n"


def test_a_reader_who_comes_at_the_end_of_a_turn_reads_the_next() -> None:
    log = Log()
    log.append(b"before\n")
    cursor = log.cursor()
    log.seal()
    for line in (b"after\n", b"and more\n"):
        log.append(line)
        log.seal()
    assert cursor.take(PLENTY) == b"after\nand more\n"


# Positions.


def test_positions_count_bytes_from_the_beginning() -> None:
    log = Log()
    assert (log.cursor().position, log.sealed, log.end, log.lines) == (0, 0, 0, 0)
    log.append(b"12\n")
    log.seal()
    cursor = log.cursor()
    assert (cursor.position, cursor.behind, log.sealed, log.end, log.lines) == (3, 0, 3, 3, 1)
    log.append(b"45\n")
    assert (cursor.position, cursor.behind, log.sealed, log.end, log.lines) == (3, 3, 3, 6, 2)
    log.seal()
    assert (cursor.position, cursor.behind, log.sealed, log.end, log.lines) == (3, 3, 6, 6, 2)
    cursor.take(PLENTY)
    assert (cursor.position, cursor.behind) == (6, 0)


def test_nothing_after_a_stop_is_taken_until_the_stop_is_further() -> None:
    log = Log()
    cursor = log.cursor()
    for line in (b"one\n", b"two\n", b"three\n"):
        log.append(line)
    log.seal()
    assert cursor.take(PLENTY, stop=4) == b"one\n"
    assert cursor.take(PLENTY, stop=4) == b""
    assert cursor.position == 4
    assert cursor.take(PLENTY, stop=8) == b"two\n"
    assert cursor.take(PLENTY) == b"three\n"


def test_a_stop_that_has_been_passed_moves_nobody_back() -> None:
    log = said(b"one\n", b"two\n")
    cursor = log.cursor()
    log.append(b"three\n")
    log.seal()
    assert cursor.take(PLENTY, stop=2) == b""
    assert cursor.take(PLENTY) == b"three\n"


# Catching up.


def test_who_has_much_to_catch_up_with_gets_small_blocks_joined() -> None:
    log = Log()
    cursor = log.cursor()
    for number in range(100):
        log.append(b"%d\n" % number)
        log.seal()
    assert cursor.take(PLENTY) == b"".join(b"%d\n" % number for number in range(100))


def test_no_more_are_joined_than_asked_for_and_a_block() -> None:
    log = Log()
    cursor = log.cursor()
    for _ in range(100):
        log.append(b"123456789\n")
        log.seal()
    assert len(cursor.take(45)) == 50
    assert len(cursor.take(50)) == 50
    assert len(cursor.take(1)) == 10
    assert cursor.position == 110


# A block is not long.


def test_a_turn_that_says_much_is_cut_into_blocks_of_about_64_kib() -> None:
    log = Log()
    cursor = log.cursor()
    line = b"x" * 4095 + b"\n"
    for _ in range(100):
        log.append(line)
    log.seal()
    blocks = []
    while data := cursor.take(1):
        blocks.append(len(data))
    assert sum(blocks) == 100 * 4096
    assert blocks[:-1] == [BLOCK] * 6
    assert BLOCK == 65536


def test_no_block_is_longer_than_64_kib_and_a_line() -> None:
    log = Log()
    cursor = log.cursor()
    for _ in range(1000):
        log.append(b"x" * 4000 + b"\n")
    log.seal()
    while data := cursor.take(1):
        assert len(data) < BLOCK + 4001


# What is kept.


Blocks = WeakSet["Watched"]


class Watched(Block):
    """A block of which one can see when it is gone."""

    __slots__ = ("__weakref__",)
    alive: ClassVar[Blocks] = WeakSet()

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.alive.add(self)


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Blocks:
    """The blocks that are kept in memory."""
    monkeypatch.setattr(log_module, "Block", Watched)
    monkeypatch.setattr(Watched, "alive", WeakSet())
    return Watched.alive


def test_a_log_that_nobody_reads_keeps_nothing(alive: Blocks) -> None:
    log = said(*[b"line\n"] * 100)
    assert set(alive) == {log.open}


def test_what_the_slowest_reader_has_not_read_is_kept_and_no_more(
    alive: Blocks,
) -> None:
    log = Log()
    slow, fast = log.cursor(), log.cursor()
    for kept in range(1, 50):
        log.append(b"line\n")
        log.seal()
        fast.take(PLENTY)
        assert len(alive) == kept + 1
    slow.take(100)
    assert len(alive) == 49 - 20 + 1
    slow.take(PLENTY)
    assert set(alive) == {log.open}


def test_a_block_is_let_go_by_who_stops_at_its_end(alive: Blocks) -> None:
    log = Log()
    cursor = log.cursor()
    log.append(b"one\n")
    log.seal()
    assert cursor.take(PLENTY, stop=4) == b"one\n"
    assert set(alive) == {log.open}


def test_a_reader_who_goes_takes_what_was_kept_for_them_along(
    alive: Blocks,
) -> None:
    log = Log()
    cursors = [log.cursor()]
    for _ in range(50):
        log.append(b"line\n")
        log.seal()
    cursors.clear()
    assert set(alive) == {log.open}


def test_a_reader_who_lets_go_keeps_the_place_and_nothing_else(
    alive: Blocks,
) -> None:
    log = said(b"12\n")
    log.append(b"45\n")
    cursor = log.cursor()
    cursor.let_go()
    for _ in range(50):
        log.append(b"line\n")
        log.seal()
    assert cursor.position == 6
    assert cursor.behind == 250
    assert cursor.take(PLENTY) == b""
    assert len(alive) == 2


def test_a_very_long_chain_of_blocks_goes_without_a_word() -> None:
    log = Log()
    cursors = [log.cursor()]
    for _ in range(200_000):
        log.append(b"\n")
        log.seal()
    cursors.clear()


# Any order of events.


@dataclass
class Reading:
    """A cursor, where it began, and what it has read."""

    cursor: Cursor
    start: int
    data: bytearray = field(default_factory=bytearray)


sizes = st.sampled_from([1, 2, 3, 10, 100, 30_000, 70_000])
deeds = st.one_of(
    st.tuples(st.just("append"), sizes),
    st.tuples(st.just("seal"), st.just(0)),
    st.tuples(st.just("begin"), st.just(0)),
    st.tuples(st.just("take"), st.sampled_from([1, 50, 65536, PLENTY])),
    st.tuples(st.just("take up to a stop"), st.sampled_from([0, 1, 7, 100, 40_000])),
)


@any_input
@given(st.lists(st.tuples(deeds, st.integers(0, 3)), max_size=60))
def test_every_reader_reads_the_stream_from_where_they_began(
    events: list[tuple[tuple[str, int], int]],
) -> None:
    log, stream, longest = Log(), bytearray(), 0
    readings = [Reading(log.cursor(), 0)]
    for number, ((deed, size), who) in enumerate(events):
        reading = readings[who % len(readings)]
        cursor = reading.cursor
        if deed == "append":
            line = (b"%d " % number).ljust(size, b"x") + b"\n"
            log.append(line)
            stream += line
            longest = max(longest, len(line))
        elif deed == "seal":
            log.seal()
        elif deed == "begin":
            readings.append(Reading(log.cursor(), len(stream)))
        elif deed == "take":
            left = log.sealed - cursor.position
            data = cursor.take(size)
            assert min(size, left) <= len(data) < size + BLOCK + longest
            reading.data += data
        else:
            stop = cursor.position + size
            reading.data += cursor.take(PLENTY, stop)
            assert cursor.position == max(min(stop, log.sealed), stop - size)
        assert log.end == len(stream)
        for one in readings:
            assert one.cursor.position == one.start + len(one.data)
            assert one.cursor.behind == len(stream) - one.cursor.position
    log.seal()
    for one in readings:
        one.data += one.cursor.take(PLENTY)
        assert one.data == stream[one.start :]

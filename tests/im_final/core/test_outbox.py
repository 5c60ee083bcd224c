"""The way out of one connection: the room's lines and one's own, in the order they were decided."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final.log import Log
from im_final.outbox import FULL, WRITE, Outbox
from tests.im_final.core.readers import Reader
from tests.stages.any_input import any_input


def someone() -> tuple[Log, Reader]:
    """A log, and somebody who reads it from now on."""
    log = Log()
    reader = Reader(log)
    reader.outbox.begin()
    return log, reader


def say(log: Log, *lines: bytes) -> None:
    """Say these lines in a turn of their own."""
    for line in lines:
        log.append(line)
    log.seal()


# The order.


def test_an_answer_comes_after_what_was_said_before_and_before_what_was_said_after() -> None:
    log, reader = someone()
    log.append(b"before\n")
    reader.outbox.answer(b"answer\n")
    log.append(b"after\n")
    log.seal()
    assert reader.outbox.take() == b"before\nanswer\nafter\n"


def test_nothing_as_an_answer_does_not_end_what_there_is_to_write() -> None:
    log, reader = someone()
    reader.outbox.answer(b"")
    reader.outbox.send(b"")
    log.append(b"after\n")
    log.seal()
    assert reader.outbox.take() == b"after\n"
    assert reader.rings == 0


def test_answers_and_private_lines_keep_their_order() -> None:
    log, reader = someone()
    reader.outbox.send(b"1\n")
    reader.outbox.answer(b"2\n")
    reader.outbox.send(b"3\n")
    log.append(b"4\n")
    reader.outbox.answer(b"5\n")
    log.seal()
    assert reader.outbox.take() == b"1\n2\n3\n4\n5\n"


def test_a_line_of_ones_own_waits_for_what_was_said_before_it_in_the_same_turn() -> None:
    log, reader = someone()
    log.append(b"said\n")
    reader.outbox.answer(b"answer\n")
    assert reader.outbox.take() == b""
    log.seal()
    assert reader.outbox.take() == b"said\nanswer\n"


def test_a_line_of_ones_own_needs_no_turn_if_nothing_was_said() -> None:
    _, reader = someone()
    reader.outbox.answer(b"answer\n")
    assert reader.outbox.take() == b"answer\n"
    assert reader.outbox.take() == b""


def test_who_has_only_the_room_to_read_gets_the_object_that_all_get() -> None:
    log, alice = someone()
    bob = Reader(log)
    bob.outbox.begin()
    for outbox in (alice.outbox, bob.outbox):
        outbox.answer(b"answer\n")
        outbox.take()
        assert outbox.take() == b""
    say(log, b"one\n", b"two\n")
    assert alice.outbox.take() is bob.outbox.take()


def test_the_reader_is_told_of_each_line_of_their_own_and_not_of_the_rooms() -> None:
    log, reader = someone()
    say(log, b"said\n")
    assert reader.rings == 0
    reader.outbox.answer(b"answer\n")
    assert reader.rings == 1
    reader.outbox.send(b"private\n")
    assert reader.rings == 2


# The beginning and the end.


def test_who_has_not_begun_reads_their_own_lines_and_nothing_of_the_room() -> None:
    log = Log()
    say(log, b"before\n")
    outbox = Outbox(log, Reader(log))
    say(log, b"said\n")
    outbox.answer(b"no\n")
    say(log, b"more\n")
    assert outbox.take() == b"no\n"
    assert outbox.owed == 0


def test_what_waits_for_a_guest_comes_before_what_the_room_says_then() -> None:
    log = Log()
    outbox = Outbox(log, Reader(log))
    outbox.answer(b"welcome\n")
    say(log, b"not for guests\n")
    outbox.begin()
    say(log, b"said\n")
    outbox.answer(b"answer\n")
    assert outbox.take() == b"welcome\nsaid\nanswer\n"


def test_who_ends_still_gets_what_was_said_before() -> None:
    log, reader = someone()
    log.append(b"said\n")
    reader.outbox.answer(b"farewell\n")
    reader.outbox.end()
    log.append(b"too late\n")
    reader.outbox.answer(b"and one more\n")
    log.seal()
    assert reader.outbox.owed == len(b"said\n")
    assert reader.outbox.take() == b"said\nfarewell\nand one more\n"
    assert reader.outbox.take() == b""
    assert reader.outbox.owed == 0


def test_the_end_is_where_it_was_first() -> None:
    log, reader = someone()
    say(log, b"said\n")
    reader.outbox.end()
    say(log, b"too late\n")
    reader.outbox.end()
    assert reader.outbox.take() == b"said\n"


def test_who_has_ended_keeps_nothing_of_what_is_said_then() -> None:
    log, reader = someone()
    say(log, b"said\n")
    reader.outbox.end()
    block = reader.outbox.cursor.block
    assert block is not log.open
    assert reader.outbox.take() == b"said\n"
    say(log, b"too late\n")
    assert reader.outbox.cursor.block.next is None


def test_a_guest_keeps_nothing_of_what_is_said() -> None:
    log = Log()
    outbox = Outbox(log, Reader(log))
    say(log, b"said\n")
    assert outbox.cursor.block.next is None


def test_who_ends_with_all_read_keeps_nothing_either() -> None:
    log, reader = someone()
    reader.outbox.end()
    say(log, b"too late\n")
    assert reader.outbox.cursor.block.next is None
    assert reader.outbox.take() == b""


# What waits.


def test_answers_and_what_others_said_are_counted_apart() -> None:
    log, reader = someone()
    outbox = reader.outbox
    log.append(b"said\n")
    outbox.answer(b"an answer\n")
    outbox.send(b"private\n")
    assert (outbox.owed, outbox.answers) == (5 + 8, 10)
    log.seal()
    outbox.take()
    assert (outbox.owed, outbox.answers) == (0, 0)


def test_it_is_full_of_answers_and_never_of_what_others_say() -> None:
    assert FULL == 65536
    log, reader = someone()
    outbox = reader.outbox
    outbox.send(b"x" * 2 * FULL)
    say(log, b"x" * 2 * FULL)
    assert not outbox.is_full
    outbox.answer(b"x" * FULL)
    assert not outbox.is_full
    outbox.answer(b"x")
    assert outbox.is_full
    while outbox.take():
        pass
    assert not outbox.is_full


@pytest.mark.parametrize("own", [b"", b"answer\n"], ids=["the room", "the room and one's own"])
def test_a_write_is_about_64_kib(own: bytes) -> None:
    log, reader = someone()
    for _ in range(100):
        say(log, b"x" * 4095 + b"\n")
    if own:
        reader.outbox.answer(own)
    assert len(reader.outbox.take()) == WRITE == 65536


def test_many_short_lines_of_both_kinds_are_one_write() -> None:
    log, reader = someone()
    for _ in range(100):
        say(log, b"said\n")
        reader.outbox.answer(b"answer\n")
    assert reader.outbox.take() == b"said\nanswer\n" * 100


def test_a_write_that_is_nearly_long_enough_takes_no_more_than_it_lacks_and_a_block() -> None:
    log, reader = someone()
    reader.outbox.answer(b"x" * (WRITE - 1))
    for _ in range(10):
        say(log, b"said\n")
    assert reader.outbox.take() == b"x" * (WRITE - 1) + b"said\n"


def test_a_write_that_is_long_enough_waits_for_no_more() -> None:
    log, reader = someone()
    reader.outbox.answer(b"x" * WRITE)
    say(log, b"said\n")
    assert reader.outbox.take() == b"x" * WRITE
    assert reader.outbox.take() == b"said\n"


# Any order of events.


@dataclass
class Model:
    """What a plain list of lines would be: of whom each is, and which have been taken."""

    lines: list[tuple[str, bytes]] = field(default_factory=list)
    taken: int = 0  # Bytes.

    def stream(self) -> bytes:
        """All that this user is to get."""
        return b"".join(line for _, line in self.lines)

    def waiting(self, *kinds: str) -> int:
        """Bytes of these kinds that have not been taken."""
        end, count = 0, 0
        for kind, line in self.lines:
            end += len(line)
            if kind in kinds:
                count += min(len(line), max(end - self.taken, 0))
        return count


sizes = st.sampled_from([1, 5, 100, 5000, 70_000])
deeds = st.sampled_from(["said", "said", "answer", "private", "seal", "take", "begin", "end"])


@any_input
@given(st.lists(st.tuples(deeds, sizes), max_size=60))
def test_in_any_order_of_events_it_is_as_good_as_a_plain_list(
    events: list[tuple[str, int]],
) -> None:
    log = Log()
    outbox, model, state = Outbox(log, Reader(log)), Model(), "guest"
    data = bytearray()
    for number, (deed, size) in enumerate(events):
        line = (b"%d " % number).ljust(size, b"x") + b"\n"
        if deed == "said":
            log.append(line)
        elif deed == "answer":
            outbox.answer(line)
        elif deed == "private":
            outbox.send(line)
        elif deed == "seal":
            log.seal()
        elif deed == "take":
            data += outbox.take()
        elif deed == "begin" and state == "guest":
            outbox.begin()
            state = "user"
        elif deed == "end" and state != "guest":
            outbox.end()
            state = "gone"
        if deed in ("answer", "private") or (deed == "said" and state == "user"):
            model.lines.append((deed, line))
        model.taken = len(data)
        assert model.stream().startswith(data)
        assert outbox.owed == model.waiting("said", "private")
        assert outbox.answers == model.waiting("answer")
        assert outbox.is_full == (model.waiting("answer") > FULL)
    log.seal()
    while taken := outbox.take():
        data += taken
    assert data == model.stream()
    assert (outbox.owed, outbox.answers) == (0, 0)

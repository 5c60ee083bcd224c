"""Who is written to, and when: once per turn, a slice at a time, and nobody is forgotten."""

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import fanout as fanout_module
from im_final.fanout import SLICE
from tests.im_final.core.readers import Reader, Room
from tests.stages.any_input import any_input


class Counting(Reader):
    """Counts how often it is told to write."""

    pumps = 0

    def pump(self) -> None:
        self.pumps += 1
        super().pump()


# A turn.


def test_all_that_is_said_in_a_turn_is_one_write_for_each() -> None:
    room = Room(3)
    for line in (b"one\n", b"two\n", b"three\n"):
        room.say(line)
    room.soon.turns()
    writes = [reader.writes for reader in room.readers]
    assert writes == [[b"one\ntwo\nthree\n"]] * 3
    assert writes[0][0] is writes[1][0] is writes[2][0]


def test_a_turn_is_asked_for_once_and_comes_later() -> None:
    room = Room(1)
    room.say(b"one\n")
    room.say(b"two\n")
    assert len(room.soon.due) == 1
    assert [reader.read() for reader in room.readers] == [b""]


def test_everyone_is_told_to_write_once_in_a_turn() -> None:
    room = Room()
    readers = [room.enter(Counting) for _ in range(3)]
    room.say(b"one\n")
    room.say(b"two\n")
    room.soon.turns()
    assert [reader.pumps for reader in readers] == [1, 1, 1]


def test_after_each_turn_there_is_rest_until_something_is_said() -> None:
    room = Room(2)
    for _ in range(3):
        room.say(b"hi\n")
        assert room.soon.turn() == 1
        assert room.soon.turn() == 0
    assert [reader.writes for reader in room.readers] == [[b"hi\n"] * 3] * 2


def test_a_turn_for_nothing_disturbs_nobody() -> None:
    room = Room()
    reader = room.enter(Counting)
    room.fanout.wake()
    room.soon.turns()
    assert reader.pumps == 0


# A line for one.


def test_who_is_called_is_told_to_write_and_nobody_else() -> None:
    room = Room()
    alice, bob = room.enter(Counting), room.enter(Counting)
    alice.outbox.answer(b"one\n")
    alice.outbox.answer(b"two\n")
    room.soon.turns()
    assert alice.writes == [b"one\ntwo\n"]
    assert (alice.pumps, bob.pumps) == (1, 0)


def test_a_line_for_one_travels_with_what_the_room_says() -> None:
    room = Room(1)
    (reader,) = room.readers
    room.say(b"said\n")
    reader.outbox.answer(b"answer\n")
    room.soon.turns()
    assert reader.writes == [b"said\nanswer\n"]


def test_who_is_called_does_not_wait_for_the_slices_of_others() -> None:
    room = Room(3 * SLICE)
    last = list(room.readers)[-1]
    room.say(b"said\n")
    last.outbox.answer(b"answer\n")
    room.soon.turn()
    assert last.writes == [b"said\nanswer\n"]


def test_who_is_called_may_be_no_reader_of_the_room() -> None:
    room = Room()
    guest = Reader(room.log, room.fanout)
    guest.outbox.answer(b"no\n")
    room.soon.turns()
    assert guest.writes == [b"no\n"]


def test_those_who_are_called_are_written_to_in_the_order_of_the_calls() -> None:
    room = Room()
    order = []

    class Noting(Reader):
        def pump(self) -> None:
            order.append(self)

    readers = [room.enter(Noting) for _ in range(3)]
    for reader in reversed(readers):
        reader.outbox.answer(b"answer\n")
    room.soon.turns()
    assert order == readers[::-1]


# Slices.


def test_with_very_many_readers_a_turn_writes_to_a_slice_of_them() -> None:
    assert SLICE == 512
    room = Room(2 * SLICE + 1)
    room.say(b"hi\n")
    reached = []
    while room.soon.turn():
        reached.append(sum(bool(reader.writes) for reader in room.readers))
    assert reached == [SLICE, 2 * SLICE, 2 * SLICE + 1]


def test_a_slice_that_is_just_full_asks_for_no_further_turn() -> None:
    room = Room(SLICE)
    room.say(b"hi\n")
    room.soon.turn()
    assert not room.soon.due


def test_what_is_said_between_two_slices_the_later_ones_get_in_the_same_write() -> None:
    room = Room(2 * SLICE)
    first, *_, last = room.readers
    room.say(b"one\n")
    room.soon.turn()
    room.say(b"two\n")
    room.soon.turns()
    assert first.writes == [b"one\n", b"two\n"]
    assert last.writes == [b"one\ntwo\n"]


def test_between_two_slices_nobody_is_begun_with_anew() -> None:
    room = Room()
    readers = [room.enter(Counting) for _ in range(3 * SLICE)]
    room.say(b"one\n")
    room.soon.turn()
    room.say(b"two\n")
    room.soon.turn()
    assert [reader.pumps for reader in readers] == [1] * 2 * SLICE + [0] * SLICE


# Readers who come, go, and talk meanwhile.


def test_who_comes_between_two_slices_gets_what_is_said_then() -> None:
    room = Room(2 * SLICE)
    room.say(b"one\n")
    room.soon.turn()
    late = room.enter()
    room.say(b"two\n")
    room.soon.turns()
    assert late.writes == [b"two\n"]


def test_who_goes_between_two_slices_is_nobodys_trouble() -> None:
    room = Room(2 * SLICE)
    first, *_, last = room.readers
    room.say(b"one\n")
    room.soon.turn()
    del room.readers[first], room.readers[last]
    room.say(b"two\n")
    room.soon.turns()
    assert first.writes == [b"one\n"]
    assert all(reader.read() == b"one\ntwo\n" for reader in room.readers)


def test_readers_may_come_and_go_while_they_are_written_to() -> None:
    room = Room()

    class Restless(Reader):
        def pump(self) -> None:
            super().pump()
            room.readers.pop(self, None)
            room.enter()

    restless = [room.enter(Restless) for _ in range(3)]
    room.say(b"hi\n")
    room.soon.turns()
    assert [reader.writes for reader in restless] == [[b"hi\n"]] * 3
    assert len(room.readers) == 3


class Broken(Reader):
    """Has a bug."""

    def pump(self) -> None:
        raise RuntimeError("a bug in here")


def test_a_bug_in_one_keeps_a_line_from_nobody_else() -> None:
    room = Room()
    before, broken, after = room.enter(), room.enter(Broken), room.enter()
    room.say(b"to all\n")
    with pytest.raises(RuntimeError, match="a bug in here"):
        room.soon.turns()
    room.soon.turns()
    assert [before.read(), broken.read(), after.read()] == [b"to all\n", b"", b"to all\n"]


def test_nor_an_answer() -> None:
    room = Room()
    broken, other = room.enter(Broken), room.enter()
    broken.outbox.answer(b"for the broken one\n")
    other.outbox.answer(b"for the other\n")
    with pytest.raises(RuntimeError, match="a bug in here"):
        room.soon.turns()
    room.soon.turns()
    assert other.read() == b"for the other\n"


def test_very_many_answers_are_written_a_slice_at_a_time_too() -> None:
    room = Room(SLICE + 1)
    for reader in room.readers:
        reader.outbox.answer(b"yes\n")
    room.soon.turn()
    assert sum(reader.read() == b"yes\n" for reader in room.readers) == SLICE
    room.soon.turns()
    assert all(reader.read() == b"yes\n" for reader in room.readers)


def test_what_is_said_because_somebody_was_written_to_comes_in_the_next_turn() -> None:
    room = Room()

    class Leaver(Reader):
        def pump(self) -> None:
            super().pump()
            if self in room.readers:
                del room.readers[self]
                room.say(b"gone\n")

    room.enter(Leaver)
    stays = room.enter()
    room.say(b"hi\n")
    room.soon.turn()
    assert stays.writes == [b"hi\n"]
    room.soon.turns()
    assert stays.writes == [b"hi\n", b"gone\n"]


def test_who_is_called_while_others_are_written_to_is_not_forgotten() -> None:
    room = Room()
    alice = room.enter()

    class Caller(Reader):
        def pump(self) -> None:
            super().pump()
            alice.outbox.send(b"psst\n")

    caller = room.enter(Caller)
    caller.outbox.answer(b"answer\n")
    room.soon.turns()
    assert alice.writes == [b"psst\n"]


def test_those_who_ask_all_the_time_keep_nobody_from_being_told() -> None:
    room = Room()

    class Asking(Reader):
        def pump(self) -> None:
            super().pump()
            self.outbox.answer(b"answer\n")

    for _ in range(SLICE):
        room.enter(Asking).outbox.answer(b"answer\n")
    bob = room.enter()
    room.soon.turn()
    room.say(b"hi\n")
    for _ in range(2):
        room.soon.turn()
    assert bob.writes == [b"hi\n"]


# Any order of events.

deeds = st.sampled_from(
    ["say", "say", "answer", "private", "turn", "enter", "leave", "block", "go on"]
)


@any_input
@given(st.lists(st.tuples(deeds, st.integers(0, 9)), max_size=60))
def test_in_any_order_of_events_everyone_gets_what_they_are_to_get(
    events: list[tuple[str, int]],
) -> None:
    """The model: a list for each, to which every line is added when it is said."""
    room = Room()
    expected: dict[Reader, bytearray] = {room.enter(): bytearray()}
    with mock.patch.object(fanout_module, "SLICE", 2):
        for number, (deed, who) in enumerate(events):
            line = b"%d\n" % number
            reader = list(expected)[who % len(expected)]
            if deed == "say":
                room.say(line)
                for one in room.readers:
                    expected[one] += line
            elif deed == "answer":
                reader.outbox.answer(line)
                expected[reader] += line
            elif deed == "private":
                reader.outbox.send(line)
                expected[reader] += line
            elif deed == "turn":
                room.soon.turn()
            elif deed == "enter":
                expected[room.enter()] = bytearray()
            elif deed == "leave" and reader in room.readers:
                reader.outbox.end()
                room.fanout.call(reader)
                del room.readers[reader]
            elif deed == "block":
                reader.blocked = True
            elif deed == "go on":
                reader.blocked = False
                reader.pump()
        for one in expected:
            one.blocked = False
            one.pump()
        room.soon.turns()
    assert [one.read() for one in expected] == [bytes(data) for data in expected.values()]

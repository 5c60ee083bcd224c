"""How far the room may be ahead of its readers, and how long those who say much wait for them."""

import pytest

from tests.im_final.core.readers import Reader, Room


class Speaker:
    """Somebody who waits to go on, and how often they were told to."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.told = 0

    def waits(self) -> None:
        self.room.fanout.waiting[self.go_on] = None

    def go_on(self) -> None:
        self.told += 1


@pytest.fixture
def room() -> Room:
    """A room with three readers."""
    return Room(3)


@pytest.fixture
def speaker(room: Room) -> Speaker:
    """Somebody who wants to say much in it."""
    return Speaker(room)


def a_reader_of(room: Room) -> Reader:
    return next(iter(room.readers))


def test_when_all_have_been_written_to_and_took_it_a_speaker_goes_on_once(
    room: Room, speaker: Speaker
) -> None:
    room.say(b"hello\n")
    speaker.waits()
    assert room.fanout.taken == 0
    room.soon.turns()
    assert (room.fanout.taken, speaker.told) == (len(b"hello\n"), 1)
    room.say(b"again\n")
    room.soon.turns()
    assert speaker.told == 1


def test_while_somebody_is_blocked_a_speaker_waits(room: Room, speaker: Speaker) -> None:
    reader = a_reader_of(room)
    room.fanout.blocked[reader] = None
    room.say(b"hello\n")
    speaker.waits()
    room.soon.turns()
    assert (room.fanout.taken, speaker.told) == (0, 0)
    room.fanout.unblock(reader)
    room.soon.turns()
    assert (room.fanout.taken, speaker.told) == (len(b"hello\n"), 1)


def test_the_last_of_those_who_are_blocked_is_waited_for(room: Room, speaker: Speaker) -> None:
    one, other, _ = room.readers
    room.fanout.blocked.update({one: None, other: None})
    room.say(b"hello\n")
    speaker.waits()
    room.fanout.unblock(one)
    room.soon.turns()
    assert speaker.told == 0
    room.fanout.unblock(other)
    room.soon.turns()
    assert speaker.told == 1


def test_nobody_is_waited_for_longer_than_that(room: Room, speaker: Speaker) -> None:
    room.fanout.blocked[a_reader_of(room)] = None
    room.say(b"hello\n")
    speaker.waits()
    room.fanout.wait_no_longer(room.fanout.taken)
    room.soon.turns()
    assert (room.fanout.taken, speaker.told) == (len(b"hello\n"), 1)


def test_who_has_caught_up_meanwhile_is_given_new_time(room: Room, speaker: Speaker) -> None:
    before = room.fanout.taken
    room.say(b"hello\n")
    room.soon.turns()
    room.fanout.blocked[a_reader_of(room)] = None
    room.say(b"again\n")
    speaker.waits()
    room.fanout.wait_no_longer(before)
    room.soon.turns()
    assert (room.fanout.taken, speaker.told) == (len(b"hello\n"), 0)


def test_one_who_is_unblocked_when_nobody_waits_costs_no_turn(room: Room) -> None:
    reader = a_reader_of(room)
    room.fanout.blocked[reader] = None
    room.fanout.unblock(reader)
    room.fanout.unblock(reader)
    assert not room.soon.due


def test_a_reader_who_caught_up_before_anybody_waited_delays_nobody(room: Room) -> None:
    reader = a_reader_of(room)
    room.fanout.blocked[reader] = None
    room.say(b"hello\n")
    room.soon.turns()
    room.fanout.unblock(reader)
    room.soon.turns()
    assert room.fanout.taken == len(b"hello\n")


def test_what_was_waited_for_long_enough_stays_taken(room: Room) -> None:
    room.say(b"hello\n")
    room.fanout.wait_no_longer(0)
    taken = room.fanout.taken
    room.fanout.told = 0
    room.fanout.turn()
    assert room.fanout.taken == taken == len(b"hello\n")

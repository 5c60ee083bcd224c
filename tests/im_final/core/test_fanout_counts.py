"""What the fan-out counts: deliveries, turns, and how long they took."""

from collections.abc import Iterator

import pytest

from im_final import fanout as fanout_module
from im_final.fanout import TURN_SECONDS
from tests.im_final.core.readers import Room


def test_a_delivery_is_a_line_for_a_reader() -> None:
    room = Room(3)
    room.say(b"one\n")
    room.say(b"two\n")
    room.soon.turns()
    room.enter()
    room.say(b"three\n")
    room.soon.turns()
    assert room.fanout.deliveries == 2 * 3 + 1 * 4


def test_an_answer_is_no_delivery() -> None:
    room = Room(1)
    next(iter(room.readers)).outbox.answer(b"answer\n")
    room.soon.turns()
    assert room.fanout.deliveries == 0


def test_the_histogram_has_every_turn_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(1)
    took = [0.0, *TURN_SECONDS, 1.0, 2.0]

    def moments() -> Iterator[float]:
        for seconds in took:
            yield from (0.0, seconds)

    monkeypatch.setattr(fanout_module, "perf_counter", moments().__next__)
    for _ in took:
        room.say(b"hi\n")
        room.soon.turns()
    assert room.fanout.turns == [2, *[1] * (len(TURN_SECONDS) - 1), 2]
    assert room.fanout.seconds == pytest.approx(sum(took))


def test_how_long_a_turn_took_is_told_by_a_clock_at_both_its_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room(1)
    monkeypatch.setattr(fanout_module, "perf_counter", iter([5.0, 5.25, 7.0, 7.5]).__next__)
    for _ in range(2):
        room.say(b"hi\n")
        room.soon.turns()
    assert room.fanout.seconds == 0.75

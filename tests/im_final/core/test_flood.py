"""The pace: a burst at once, then a steady rate; who is too fast is delayed, never refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final.flood import COMMAND, LINE, Pace, price_of_a_read
from tests.stages.any_input import any_input

PASTE = 10
RATE = 5.0


def granted(pace: Pace, now: float) -> int:
    """How many lines may come at this moment."""
    count = 0
    while not pace.wait(now):
        count += 1
    return count


def test_a_paste_is_not_delayed_and_what_comes_after_it_is() -> None:
    pace = Pace(PASTE, RATE, now=1000.0)
    assert [pace.wait(1000.0) for _ in range(PASTE)] == [0.0] * PASTE
    assert pace.wait(1000.0) == pytest.approx(1 / RATE)


def test_to_ask_again_costs_nothing() -> None:
    pace = Pace(1, RATE, now=0.0)
    pace.wait(0.0)
    assert pace.wait(0.0) == pace.wait(0.0) == pytest.approx(0.2)
    assert pace.wait(0.15) == pytest.approx(0.05)


def test_then_lines_come_at_the_rate() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    granted(pace, 0.0)
    assert granted(pace, 1.0) == 5
    assert granted(pace, 1.5) == 2
    assert granted(pace, 1.75) == 1


def test_who_was_silent_for_long_may_paste_again_and_no_more() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    granted(pace, 0.0)
    assert granted(pace, 1000.0) == PASTE
    assert granted(pace, 1000.0) == 0


def test_who_talks_like_a_person_is_never_delayed() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    assert not any(pace.wait(second / 2) for second in range(1000))


def test_a_clock_that_is_set_back_takes_and_gives_nothing() -> None:
    pace = Pace(2, RATE, now=1000.0)
    assert pace.wait(1000.0) == 0.0
    assert pace.wait(10.0) == 0.0
    assert pace.wait(10.0) == pytest.approx(1 / RATE)
    assert granted(pace, 10.25) == 1


# What is no line.


def test_work_that_has_been_done_is_paid_for_and_may_leave_a_debt() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    pace.pay(PASTE, 0.0)
    assert pace.debt(0.0) == 0.0
    pace.pay(1.0, 0.0)
    assert pace.debt(0.0) == pytest.approx(2 / RATE)  # Until there is a token for a line again.
    assert pace.debt(0.1) == pytest.approx(2 / RATE - 0.1)
    assert pace.debt(0.2) == 0.0


def test_a_debt_is_never_more_than_a_burst() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    pace.pay(1000.0, 0.0)
    assert pace.debt(0.0) == pytest.approx((PASTE + 1) / RATE)


def test_what_was_paid_for_the_pieces_of_a_line_is_taken_off_its_price() -> None:
    pace = Pace(1, RATE, now=0.0)
    for _ in range(4):
        pace.pay(1 / 8, 0.0)
    assert pace.wait(0.0) == 0.0
    assert pace.wait(0.0) == pytest.approx(1 / RATE)  # And no more than that: the next is whole.


def test_a_key_that_is_held_down_is_slowed_down_by_nobody() -> None:
    pace = Pace(PASTE, RATE, now=0.0)
    for number in range(3000):
        pace.pay(COMMAND, number / 30)
        assert pace.debt(number / 30) == 0.0


def test_a_read_costs_what_it_has_of_a_line_and_tiny_ones_a_little() -> None:
    assert price_of_a_read(LINE // 2, 100) == price_of_a_read(2**19, 2**20) == 0.5
    assert price_of_a_read(1, 100) == price_of_a_read(256, 100) == 1 / 16


moments = st.lists(st.floats(0, 10), max_size=60).map(
    lambda gaps: [sum(gaps[:place]) for place in range(len(gaps))]
)


@any_input
@given(moments, st.integers(1, 20), st.floats(0.1, 1000))
def test_in_no_span_of_time_there_are_more_than_a_burst_and_the_rate(
    moments: list[float], burst: int, rate: float
) -> None:
    pace = Pace(burst, rate, now=0.0)
    lines: list[float] = []
    for moment in moments:
        for _ in range(3):
            if not pace.wait(moment):
                lines.append(moment)
    for first, began in enumerate(lines):
        for last, ended in enumerate(lines[first:], first):
            assert last - first + 1 <= burst + rate * (ended - began) + 1e-6


@any_input
@given(moments, st.integers(1, 20), st.floats(0.1, 1000))
def test_who_waits_as_long_as_told_is_heard(moments: list[float], burst: int, rate: float) -> None:
    pace = Pace(burst, rate, now=0.0)
    now = 0.0
    for moment in moments:
        now = max(now, moment)
        if wait := pace.wait(now):
            assert 0 < wait <= 1 / rate
            now += wait * (1 + 1e-9) + 1e-9  # What floats round away.
            assert pace.wait(now) == 0.0


@any_input
@given(moments, st.integers(1, 20), st.floats(0.1, 1000), st.integers(1, 8))
def test_the_longest_lines_in_pieces_are_heard_when_they_would_be_in_one(
    moments: list[float], burst: int, rate: float, pieces: int
) -> None:
    in_one, in_pieces = Pace(burst, rate, now=0.0), Pace(burst, rate, now=0.0)
    ready = also = 0.0
    for moment in moments:
        ready, also = max(ready, moment), max(also, moment)
        while wait := in_one.wait(ready):
            ready += wait * (1 + 1e-9) + 1e-9
        for _ in range(pieces - 1):
            in_pieces.pay(price_of_a_read(LINE // pieces, LINE), also)
            also += in_pieces.debt(also)
        while wait := in_pieces.wait(also):
            also += wait * (1 + 1e-9) + 1e-9
        assert also == pytest.approx(ready, abs=1e-5)

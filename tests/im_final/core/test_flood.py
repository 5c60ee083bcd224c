"""The pace: a burst at once, then a steady rate; who is too fast is delayed, never refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final.flood import Pace
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

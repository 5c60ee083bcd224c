"""The clock that does not count the time in which the server stood still."""

from im_final.clock import LONGEST, RunningClock
from tests.stages.clock import Clock


def test_it_goes_as_its_clock_does_while_it_is_looked_at() -> None:
    real = Clock()
    clock = RunningClock(lambda: real.now)
    began = clock()
    for _ in range(10):
        real.advance(LONGEST)
        clock()
    assert clock() - began == 10 * LONGEST


def test_of_a_gap_it_counts_the_longest_that_is_none() -> None:
    real = Clock()
    clock = RunningClock(lambda: real.now)
    began = clock()
    real.advance(1e6)
    assert clock() - began == LONGEST
    assert clock() - began == LONGEST
    real.advance(LONGEST / 2)
    assert clock() - began == 1.5 * LONGEST

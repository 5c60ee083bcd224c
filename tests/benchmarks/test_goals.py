"""What was to be reached is said of each goal, and a goal that was missed is not hidden."""

import pytest

from benchmarks.goals import GOALS, OURS, Goal, reached, rows
from benchmarks.page import page
from benchmarks.record import Record, Result
from benchmarks.report import Table
from benchmarks.scenarios import make

SCENARIOS = make(1.0)
CASES = {(one.name, case.name): case for one in SCENARIOS for case in one.cases}
FLOOD = GOALS[0]
STALLED = GOALS[-1]
P99 = next(goal for goal in GOALS if goal.figure == "p99")
IDLE = next(goal for goal in GOALS if goal.scenario == "idle")


def result(goal: Goal, who: str, value: float, number: int = 0, case: str = "") -> Result:
    figure = goal.figure or CASES[goal.scenario, goal.case].figure
    return Result(goal.scenario, case or goal.case, who, number, {figure: value})


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.text)
def test_every_goal_is_about_cases_and_contenders_that_there_are(goal: Goal) -> None:
    for name in {goal.case, goal.than_in or goal.case}:
        case = CASES[goal.scenario, name]
        assert set(OURS) <= set(case.who)
        assert not goal.than or goal.than in case.who
    assert bool(goal.than) != bool(goal.than_in)


@pytest.mark.parametrize(
    ("goal", "ours", "theirs", "ratio"), [(FLOOD, 18, 20, 0.9), (P99, 2, 10, 5), (IDLE, 1, 3, 3)]
)
def test_it_is_a_ratio_in_which_more_is_better(
    goal: Goal, ours: float, theirs: float, ratio: float
) -> None:
    table = Table([result(goal, OURS[0], ours), result(goal, goal.than, theirs)])
    assert reached(goal, OURS[0], SCENARIOS, table) == pytest.approx(ratio)
    assert reached(goal, OURS[1], SCENARIOS, table) is None


def test_with_a_stalled_reader_it_is_compared_with_itself() -> None:
    table = Table(
        [result(STALLED, OURS[0], 19), result(STALLED, OURS[0], 20, case=STALLED.than_in)]
    )
    assert reached(STALLED, OURS[0], SCENARIOS, table) == pytest.approx(0.95)


def test_ratios_are_taken_within_a_round() -> None:
    results = [
        result(FLOOD, who, value, number)
        for number, pair in enumerate([(1, 1), (50, 100), (3, 2)])
        for who, value in zip((OURS[0], FLOOD.than), pair, strict=True)
    ]
    assert reached(FLOOD, OURS[0], SCENARIOS, Table(results)) == 1


def test_the_page_says_what_was_reached_and_what_was_not() -> None:
    results = [
        result(FLOOD, who, value) for who, value in zip((*OURS, "limit"), (8, 9, 10), strict=True)
    ]
    assert list(rows(SCENARIOS, Table(results))) == [
        [FLOOD.text, "**0.8**, not reached", "0.9"],
    ]
    record = Record("2 x CPU", {"im_final": "", "limit": ""}, 1, 1.0, results)
    assert f"| {FLOOD.text} | **0.8**, not reached | 0.9 |\n" in page(record)
    assert "What was to be reached" not in page(Record("2 x CPU", {}, 1, 1.0, []))

"""What `im_final` is to reach beside the others, in ratios of one run: the claim, to be seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.report import LATENCIES, Table, median_ratio
from benchmarks.scenarios import Case, Scenario

OURS = ("im_final", "im_final, uvloop")
GO = "tutorial (Go)"


@dataclass(frozen=True)
class Goal:
    """To be `least` times as good in a case as another contender, or as oneself in another case."""

    text: str
    least: float
    scenario: str
    case: str
    than: str = ""
    than_in: str = ""
    figure: str = ""


GOALS = (
    Goal("flood, 100 readers: 0.9 of the limit", 0.9, "flood", "100 readers", "limit"),
    Goal("flood, 1,000 readers: 0.9 of the limit", 0.9, "flood", "1,000 readers", "limit"),
    Goal("flood, 100 readers: twice redis", 2, "flood", "100 readers", "redis"),
    Goal("flood, 1,000 readers: twice redis", 2, "flood", "1,000 readers", "redis"),
    Goal("flood, 100 readers: twice nats-server", 2, "flood", "100 readers", "nats-server"),
    Goal("flood, 1,000 readers: four times nats-server", 4, "flood", "1,000 readers",
         "nats-server"),
    Goal("20 talkers, 100 readers: 8 times the tutorial's", 8, "conversation",
         "20 talkers, 100 readers", GO),
    Goal("20 talkers, 1,000 readers: 15 times the tutorial's", 15, "conversation",
         "20 talkers, 1,000 readers", GO),
    Goal("20 talkers, 100 readers: p99 a fifth of the tutorial's", 5, "conversation",
         "20 talkers, 100 readers", GO, figure="p99"),
    Goal("20 talkers, 1,000 readers: p99 a fifth of the tutorial's", 5, "conversation",
         "20 talkers, 1,000 readers", GO, figure="p99"),
    Goal("1 talker, 100 readers: no slower than the tutorial's", 1, "conversation",
         "1 talker, 100 readers", GO),
    Goal("1 talker, 1,000 readers: no slower than the tutorial's", 1, "conversation",
         "1 talker, 1,000 readers", GO),
    Goal("private lines: no slower than the tutorial's", 1, "private", "500 pairs", GO),
    Goal("idle memory: a third of the tutorial's", 3, "idle", "1,000 connections", GO),
    Goal("one stalled reader: 0.95 of the undisturbed rate", 0.95, "stalled",
         "100 readers, 1 stalled", than_in="100 readers, 0 stalled"),
)  # fmt: skip


def reached(goal: Goal, who: str, scenarios: Sequence[Scenario], table: Table) -> float | None:
    """How many times as good `who` is: the median of the ratios, taken round by round."""
    cases = {
        case.name: case for one in scenarios if one.name == goal.scenario for case in one.cases
    }
    case = cases[goal.case]
    ones = table.values(case, who, goal.figure)
    others = table.values(cases[goal.than_in or goal.case], goal.than or who, goal.figure)
    if is_less_better(case, goal.figure):
        return median_ratio(others, ones)
    return median_ratio(ones, others)


def is_less_better(case: Case, figure: str) -> bool:
    """Whether the smaller figure is the better one."""
    return figure in LATENCIES or (not figure and case.less_is_better)


def rows(scenarios: Sequence[Scenario], table: Table) -> Iterator[list[str]]:
    """A row for each goal of which something is known: the goal, and what was reached."""
    for goal in GOALS:
        found = [reached(goal, who, scenarios, table) for who in OURS]
        if any(value is not None for value in found):
            yield [goal.text, *["" if value is None else verdict(goal, value) for value in found]]


def verdict(goal: Goal, value: float) -> str:
    """The ratio, and whether it is enough."""
    return f"{value:.3g}" if value >= goal.least else f"**{value:.3g}**, not reached"

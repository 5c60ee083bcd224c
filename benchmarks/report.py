"""The report: medians, ratios within a round, and slopes, from the results of a run."""

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.record import Result
from benchmarks.scenarios import Case, Scenario, case_name

Key = tuple[str, str, str]  # Scenario, case, contender.
WITH_LATENCY = ("conversation", "steady", "private")
LATENCIES = ("p50", "p99", "p999")
BUSY = (
    "How busy the server's core was, and the load's (where the second comes near 1, it is the load "
    "that was measured):"
)
MISSED = {"lost": "connections were dropped", "missing": "lines did not arrive"}
SLOPES = "The processor time of a line, for all who read it, grows with this power of the"


class Table:
    """The results by scenario, case and contender, one value for each round."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.found: dict[Key, dict[int, dict[str, Any]]] = {}
        self.errors: dict[Key, str] = {}
        for result in results:
            key = (result.scenario, result.case, result.contender)
            if result.figures:
                self.found.setdefault(key, {})[result.round] = result.figures
            elif result.error:
                self.errors[key] = result.error

    def values(self, case: Case, contender: str, figure: str = "") -> dict[int, float]:
        """A figure of every round that has it."""
        rounds = self.found.get((case.scenario, case.name, contender), {})
        return {
            number: figures[figure or case.figure]
            for number, figures in rounds.items()
            if figures.get(figure or case.figure) is not None
        }

    def median(self, case: Case, contender: str, figure: str = "") -> float | None:
        """The median over the rounds; None if there is nothing."""
        values = self.values(case, contender, figure)
        return statistics.median(values.values()) if values else None

    def advantage(self, case: Case, one: str, other: str) -> float | None:
        """How many times better one is."""
        ones, others = self.values(case, one), self.values(case, other)
        return median_ratio(others, ones) if case.less_is_better else median_ratio(ones, others)


def median_ratio(ones: Mapping[int, float], others: Mapping[int, float]) -> float | None:
    """The median of the ratios, taken round by round, where there are both."""
    ratios = [ones[number] / others[number] for number in ones if others.get(number)]
    return statistics.median(ratios) if ratios else None


def markdown(
    scenarios: Sequence[Scenario], contenders: Sequence[str], table: Table, rounds: int
) -> str:
    """The tables of the report, a section for each scenario."""
    parts = []
    for scenario in scenarios:
        who = those_in(scenario, contenders, table)
        if not who:
            continue
        picture = f"![{scenario.title}]({scenario.picture})"
        parts += [f"## {scenario.title}", scenario.about, picture]
        parts += [f"In {scenario.cases[0].unit}:", main_table(scenario, who, table)]
        if len(who) > 1:
            parts += [f"How many times better {who[0]} is, round by round:"]
            parts += [ratios(scenario, who, table)]
        if scenario.name in WITH_LATENCY:
            parts += ["p50 / p99 / p99.9, in milliseconds:", latencies(scenario, who, table)]
        if scenario.name == "flood":
            parts += ["Processor seconds of the server per million lines delivered:"]
            parts += [figures(scenario, who, table, "cpu_per_million", "s")]
        if any(table.median(case, name, "load_cpu") for case in scenario.cases for name in who):
            parts += [BUSY, busy(scenario, who, table)]
        if scenario.grows:
            parts += [
                f"{SLOPES} {scenario.grows} (1 is twice as much for twice as many, 0 the same):"
            ]
            parts += [slopes(scenario, who, table)]
        if lines := list(troubles(scenario, who, table, rounds)):
            parts += ["What did not go well:", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def those_in(scenario: Scenario, contenders: Sequence[str], table: Table) -> list[str]:
    """Who has a figure in a scenario."""
    return [
        name
        for name in contenders
        if any(table.median(case, name) is not None for case in scenario.cases)
    ]


def grid(corner: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a row begins with its name."""
    lines = [[corner, *columns], ["---"] * (len(columns) + 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main_table(scenario: Scenario, who: Sequence[str], table: Table) -> str:
    """The figure that counts."""
    first = scenario.cases[0]
    return figures(scenario, who, table, first.figure, first.unit, corner=first.unit)


def figures(
    scenario: Scenario, who: Sequence[str], table: Table, figure: str, unit: str, corner: str = ""
) -> str:
    """One figure of each case and contender."""
    rows = [
        [case.name, *[shown(table.median(case, name, figure), unit) for name in who]]
        for case in scenario.cases
    ]
    return grid(corner, who, rows)


def ratios(scenario: Scenario, who: Sequence[str], table: Table) -> str:
    """How the first does beside the others: above 1 is better, whether more or less is better."""
    rows = [
        [case.name, *[shown(table.advantage(case, who[0], name), "") for name in who[1:]]]
        for case in scenario.cases
    ]
    return grid("", who[1:], rows)


def latencies(scenario: Scenario, who: Sequence[str], table: Table) -> str:
    """Three percentiles in each cell."""
    rows = [
        [
            case.name,
            *[
                " / ".join(milliseconds(table.median(case, name, p)) for p in LATENCIES)
                for name in who
            ],
        ]
        for case in scenario.cases
    ]
    return grid("", who, rows)


def busy(scenario: Scenario, who: Sequence[str], table: Table) -> str:
    """The share of its core that the server had, and the load of its own."""

    def cell(case: Case, name: str) -> str:
        cores = (table.median(case, name, figure) for figure in ("cpu", "load_cpu"))
        return " / ".join(shown(share, "") for share in cores)

    return grid(
        "", who, [[case.name, *[cell(case, name) for name in who]] for case in scenario.cases]
    )


def troubles(scenario: Scenario, who: Sequence[str], table: Table, rounds: int) -> Iterator[str]:
    """What a reader of the figures has to know: who did not finish, or dropped somebody."""
    for (of, case, name), text in table.errors.items():
        if of == scenario.name:
            yield f"- {name}, {case}: {text}"
    for one in scenario.cases:
        for name in who:
            done = len(table.values(one, name))
            if 0 < done < rounds:
                yield f"- {name}, {one.name}: measured in {done} of {rounds} rounds"
            for figure, words in MISSED.items():
                if count := sum(table.values(one, name, figure).values()):
                    yield f"- {name}, {one.name}: {count:,.0f} {words}, in all rounds together"


def slopes(scenario: Scenario, who: Sequence[str], table: Table) -> str:
    """With what power of `scenario.grows` the cost of a line grows; a row for all else alike."""
    groups: dict[str, list[Case]] = {}
    for case in scenario.cases:
        groups.setdefault(rest_of(case, scenario.grows), []).append(case)
    rows = [
        [name, *[shown(exponent(cases, scenario.grows, one, table), "") for one in who]]
        for name, cases in groups.items()
    ]
    return grid("", who, rows)


def rest_of(case: Case, grows: str) -> str:
    """What else is told of a case."""
    return case_name({n: v for n, v in case.order.items() if n not in ("do", "seconds", grows)})


def exponent(cases: Sequence[Case], grows: str, who: str, table: Table) -> float | None:
    """The slope of the cost of a line over what grows, both as logarithms (least squares)."""
    points = [
        (math.log(case.order[grows]), math.log(cost))
        for case in cases
        if (cost := table.median(case, who, "cpu_per_line_said"))
    ]
    if len(points) < 2:  # noqa: PLR2004 - of a line
        return None
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def shown(value: float | None, unit: str) -> str:
    """A figure with three digits that mean something."""
    if value is None:
        return ""
    if unit == "lines/s":
        scale, letter = (1e6, "M") if value >= 1e6 else (1e3, "k")  # noqa: PLR2004
        return f"{value / scale:.3g} {letter}"
    if unit == "bytes":
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "" if value is None else shown(value * 1e3, "")

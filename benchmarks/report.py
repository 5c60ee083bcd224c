"""The report: medians, ratios within a round, slopes, and plots, from the results of a run."""

import platform
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.run import Result
from benchmarks.scenarios import Case, Scenario

Key = tuple[str, str, str]  # Scenario, case, contender.


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

    def ratio(self, case: Case, one: str, other: str, figure: str = "") -> float | None:
        """The median of the ratios, taken round by round."""
        ones, others = self.values(case, one, figure), self.values(case, other, figure)
        ratios = [ones[n] / others[n] for n in ones if others.get(n)]
        return statistics.median(ratios) if ratios else None


def markdown(scenarios: Sequence[Scenario], contenders: Sequence[Contender], table: Table) -> str:
    """The tables of the report, a section for each scenario."""
    parts = []
    for scenario in scenarios:
        rows = [f"## {scenario.title}", "", scenario.about, ""]
        who = those_in(scenario, contenders, table)
        if not who:
            continue
        unit = scenario.cases[0].unit
        rows += [f"| {unit} | {' | '.join(who)} |", "|---" * (len(who) + 1) + "|"]
        for case in scenario.cases:
            cells = [shown(table.median(case, name), unit) for name in who]
            rows.append(f"| {case.name} | {' | '.join(cells)} |")
        rows += ["", *more(scenario, who, table), ""]
        rows += [f"- {key[2]}, {key[1]}: {text}" for key, text in table.errors.items()
                 if key[0] == scenario.name]  # fmt: skip
        parts.append("\n".join(rows).rstrip())
    return "\n\n".join(parts) + "\n"


def those_in(scenario: Scenario, contenders: Sequence[Contender], table: Table) -> list[str]:
    """Who has a figure in a scenario."""
    return [
        one.name
        for one in contenders
        if any(table.median(case, one.name) is not None for case in scenario.cases)
    ]


def more(scenario: Scenario, who: Sequence[str], table: Table) -> list[str]:
    """What else is worth a table: ratios to im_final, latencies, processor time."""
    first = who[0]
    rows = [f"As a multiple of {first}, round by round:", ""]
    rows += [f"| | {' | '.join(who[1:])} |", "|---" * len(who) + "|"]
    for case in scenario.cases:
        cells = [shown(table.ratio(case, name, first), "ratio") for name in who[1:]]
        rows.append(f"| {case.name} | {' | '.join(cells)} |")
    if scenario.name in ("conversation", "private", "steady"):
        rows += ["", "p50 / p99 / p99.9, in milliseconds:", ""]
        rows += [f"| | {' | '.join(who)} |", "|---" * (len(who) + 1) + "|"]
        for case in scenario.cases:
            cells = [" / ".join(milliseconds(table.median(case, name, p)) for p in
                                ("p50", "p99", "p999")) for name in who]  # fmt: skip
            rows.append(f"| {case.name} | {' | '.join(cells)} |")
    if scenario.name == "flood":
        rows += ["", "Processor seconds per million lines delivered:", ""]
        rows += [f"| | {' | '.join(who)} |", "|---" * (len(who) + 1) + "|"]
        for case in scenario.cases:
            cells = [shown(table.median(case, name, "cpu_per_million"), "s") for name in who]
            rows.append(f"| {case.name} | {' | '.join(cells)} |")
    return rows if len(who) > 1 else []


def shown(value: float | None, unit: str) -> str:
    """A figure with three digits that mean something."""
    if value is None:
        return ""
    if unit == "lines/s":
        return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:.1f} k"  # noqa: PLR2004
    if unit == "bytes":
        return f"{value:,.0f}"
    return f"{value:.3g}"


def milliseconds(value: float | None) -> str:
    """Seconds as milliseconds."""
    return "" if value is None else f"{value * 1e3:.3g}"


def machine() -> str:
    """What all this was measured on."""
    names = [line.partition(":")[2].strip() for line in lines_of("/proc/cpuinfo")
             if line.startswith("model name")]  # fmt: skip
    cpu = f"{len(names)} x {names[0]}" if names else platform.processor()
    return f"{cpu}; {platform.system()} {platform.release()}; Python {platform.python_version()}"


def lines_of(path: str) -> list[str]:
    """The lines of a file, if it is there."""
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def plot(
    scenarios: Sequence[Scenario], contenders: Sequence[Contender], table: Table, folder: Path
) -> list[Path]:
    """A picture for each scenario that has one; returns their files."""
    import matplotlib as mpl  # noqa: PLC0415 - slow to load, and only needed here

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    made = []
    for scenario in scenarios:
        names = those_in(scenario, contenders, table)
        if not names:
            continue
        figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
        width = 0.8 / len(names)
        for place, name in enumerate(names):
            values = [table.median(case, name) for case in scenario.cases]
            at = [
                number + place * width for number, value in enumerate(values) if value is not None
            ]
            axes.bar(at, [value for value in values if value is not None], width, label=name)
        axes.set_yscale("log")
        axes.set_xticks([n + 0.4 - width / 2 for n in range(len(scenario.cases))],
                        [case.name for case in scenario.cases])  # fmt: skip
        axes.set_ylabel(f"{scenario.cases[0].figure.replace('_', ' ')} ({scenario.cases[0].unit})")
        axes.set_title(scenario.title.partition(". ")[2])
        axes.legend(fontsize="small", ncols=2)
        path = folder / f"{scenario.name.replace(' ', '-')}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        made.append(path)
    return made

"""A picture of each scenario, as SVG: bars of the figure that counts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.record import Record
from benchmarks.report import Table, those_in
from benchmarks.scenarios import Scenario, make


def plot(record: Record, folder: Path) -> list[Path]:
    """Draw every scenario that has a figure; returns the files."""
    table = Table(record.results)
    plt.switch_backend("Agg")  # There may be no screen.
    mpl.rcParams["svg.hashsalt"] = "im"  # So that the same figures are the same file.
    made = []
    for scenario in make(record.seconds):
        names = those_in(scenario, list(record.versions), table)
        if not names:
            continue
        figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
        draw_bars(axes, scenario, names, table)
        path = folder / scenario.picture
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        made.append(path)
    return made


def draw_bars(axes: Any, scenario: Scenario, names: Sequence[str], table: Table) -> None:
    """A group of bars for each case, a bar for each contender."""
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        values = [table.median(case, name) for case in scenario.cases]
        at = [number + place * width for number, value in enumerate(values) if value is not None]
        axes.bar(at, [value for value in values if value is not None], width, label=name)
    axes.set_yscale("log")
    axes.set_xticks(
        [number + 0.4 - width / 2 for number in range(len(scenario.cases))],
        [case.name.replace(", ", ",\n") for case in scenario.cases],
    )
    first = scenario.cases[0]
    better = "less is better" if first.less_is_better else "more is better"
    axes.set_ylabel(f"{first.figure.replace('_', ' ')} ({first.unit}, {better})")
    axes.set_title(scenario.title.partition(". ")[2])
    axes.figure.legend(loc="outside right upper", fontsize=8)

"""The whole page of a run: what it was run on, what was to be reached, and every table."""

from benchmarks import goals
from benchmarks.record import Record
from benchmarks.report import Table, grid, markdown
from benchmarks.scenarios import make


def page(record: Record) -> str:
    """All that a run has found."""
    table, scenarios = Table(record.results), make(record.seconds)
    parts = [
        f"{record.machine}. {record.rounds} rounds, medians; each measurement took "
        f"{record.seconds:g} s.",
        "\n".join(f"- {name}: {text}" for name, text in record.versions.items()),
    ]
    if rows := list(goals.rows(scenarios, table)):
        parts += ["## What was to be reached", grid("", goals.OURS, rows)]
    return "\n\n".join([*parts, markdown(scenarios, list(record.versions), table, record.rounds)])

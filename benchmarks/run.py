"""Runs the cases: every contender of a case in turn, and that so many rounds.

A round is the unit of comparison: within it the contenders follow each other closely, so when the
machine gets slower or faster, it does so for all. Ratios are taken within a round.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn

from benchmarks.contenders import LOAD_CORE, CannotRun, Contender, Running, on_core
from benchmarks.record import Result
from benchmarks.scenarios import Case, Scenario, suits

DEADLINE = 60.0  # Seconds after which a load is given up.

Step = tuple[Case, Contender, int]  # The last is the number of the round.


class Benchmark:
    """All that is to be run; `results` has what was measured until now."""

    def __init__(
        self, scenarios: Sequence[Scenario], contenders: Sequence[Contender], rounds: int
    ) -> None:
        self.scenarios = scenarios
        self.contenders = [one for one in contenders if not one.missing()]
        self.rounds = rounds
        self.results: list[Result] = []
        self.took: dict[tuple[Case, str], float] = {}  # Seconds, of the case and contender.
        self.given_up: set[tuple[Case, str]] = set()

    def plan(self) -> Iterator[Step]:
        """Every measurement, in order."""
        for scenario in self.scenarios:
            for number in range(self.rounds):
                for case in scenario.cases:
                    for contender in turned(self.contenders, number):
                        if suits(case, contender):
                            yield case, contender, number

    def seconds(self, plan: Iterable[Step]) -> float:
        """How long so much of the plan will take, about: a case takes as long as the last time."""
        return sum(
            0.0
            if (case, contender.name) in self.given_up
            else self.took.get((case, contender.name), case.seconds)
            for case, contender, _ in plan
        )

    def run(self) -> None:
        """Measure everything. Ctrl-C ends it after the server that runs has been ended.

        What a contender could not finish once is not tried again: that would take the longest.
        """
        plan = list(self.plan())
        began = time.monotonic()
        with progress() as show:
            for at, (case, contender, number) in enumerate(plan):
                words = f"round {number + 1}, {case.scenario}, {case.name}: {contender.name}"
                show(time.monotonic() - began, self.seconds(plan[at:]), words)
                if (case, contender.name) in self.given_up:
                    continue
                start = time.monotonic()
                result = self.measure(case, contender, number)
                self.results.append(result)
                self.took[case, contender.name] = time.monotonic() - start
                if result.error:
                    self.given_up.add((case, contender.name))

    def measure(self, case: Case, contender: Contender, number: int) -> Result:
        """One measurement, on a server of its own."""
        where = (case.scenario, case.name, contender.name, number)
        order = dict(case.order)
        try:
            with Running(contender) as running:
                if case.share:
                    order["rate"] = case.share * most_lines_said(running, order)
                figures = load(running, order)
        except CannotRun as error:
            return Result(*where, error=str(error))
        return Result(*where, figures=figures)


def turned(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """The contenders, beginning with another one in each round."""
    shift = number % len(contenders) if contenders else 0
    return [*contenders[shift:], *contenders[:shift]]


def most_lines_said(running: Running, order: dict[str, Any]) -> float:
    """How many lines a second the server delivers to so many readers when it is flooded."""
    flood = {"do": "flood", **{name: order[name] for name in ("readers", "size", "seconds")}}
    return float(load(running, flood)["lines_per_second"]) / float(order["readers"])


def load(running: Running, order: dict[str, Any]) -> dict[str, Any]:
    """Put a load on a server. Raises CannotRun when nothing came of it."""
    whole = {
        **order,
        "port": running.port,
        "pid": running.pid,
        "dialect": running.contender.dialect,
        "tls": running.contender.tls,
    }
    with on_core(LOAD_CORE):
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", json.dumps(whole)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    with process:
        try:
            out, trouble = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            raise CannotRun(f"nothing came of it within {DEADLINE:g} s") from None
        finally:
            process.kill()
    if process.returncode != 0:
        raise CannotRun(trouble.strip().rpartition("\n")[2] or "the load ended without a word")
    figures: dict[str, Any] = json.loads(out)
    return figures


@contextmanager
def progress() -> Iterator[Callable[[float, float, str], None]]:
    """A bar on the terminal: seconds that have passed, seconds that are left, what is done."""
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[left]} left"),
        TextColumn("{task.description}"),
    )
    with Progress(*columns) as bar:
        task = bar.add_task("", left="")

        def show(passed: float, left: float, text: str) -> None:
            minutes = f"{left / 60:.0f} min"
            bar.update(task, completed=passed, total=passed + left, left=minutes, description=text)

        yield show

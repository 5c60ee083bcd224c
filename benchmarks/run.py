"""Runs the cases: every contender of a case in turn, and that so many rounds.

A round is the unit of comparison: within it the contenders follow each other closely, so when the
machine gets slower or faster, it does so for all. Ratios are taken within a round.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.contenders import LOAD_CORE, CannotRun, Contender, Running
from benchmarks.scenarios import STEADY_READERS, Case, Scenario, suits

DEADLINE = 120.0  # Seconds after which a load is given up.


@dataclass(frozen=True)
class Result:
    """What one contender did in one case of one round; `error` if it did not."""

    scenario: str
    case: str
    contender: str
    round: int
    figures: dict[str, Any] = field(default_factory=dict)
    error: str = ""


class Benchmark:
    """All that is to be run; `results` has what was measured until now."""

    def __init__(
        self, scenarios: Sequence[Scenario], contenders: Sequence[Contender], rounds: int
    ) -> None:
        self.scenarios = scenarios
        self.contenders = [one for one in contenders if not one.missing()]
        self.rounds = rounds
        self.results: list[Result] = []

    def plan(self) -> Iterator[tuple[Case, Contender, int]]:
        """Every measurement, in order."""
        for scenario in self.scenarios:
            for number in range(self.rounds):
                for case in scenario.cases:
                    for contender in turned(self.contenders, number):
                        if suits(case, contender):
                            yield case, contender, number

    def seconds(self) -> float:
        """How long it will take, about."""
        return sum(case.seconds for case, _, _ in self.plan())

    def run(self) -> None:
        """Measure everything. Ctrl-C ends it after the server that runs has been ended."""
        with progress(self.seconds()) as advance:
            for case, contender, number in self.plan():
                advance(0, f"round {number + 1}, {case.scenario}, {case.name}: {contender.name}")
                self.results.append(self.measure(case, contender, number))
                advance(case.seconds, "")

    def measure(self, case: Case, contender: Contender, number: int) -> Result:
        """One measurement, on a server of its own."""
        where = {"scenario": case.scenario, "case": case.name}
        order = dict(case.order)
        if case.share:
            best = self.best_flood(contender.name, number)
            if not best:
                why = "its share of the flood is not known; run the flood, too"
                return Result(**where, contender=contender.name, round=number, error=why)
            order["rate"] = best * case.share / STEADY_READERS
        try:
            with Running(contender) as running:
                figures = load(running, order)
        except CannotRun as error:
            return Result(**where, contender=contender.name, round=number, error=str(error))
        return Result(**where, contender=contender.name, round=number, figures=figures)

    def best_flood(self, contender: str, number: int) -> float:
        """What a contender delivered in the flood of this round, in lines/s; 0.0 if unknown."""
        return next(
            (
                result.figures["lines_per_second"]
                for result in self.results
                if (result.scenario, result.case, result.contender, result.round)
                == ("flood", f"{STEADY_READERS} readers", contender, number)
                and result.figures
            ),
            0.0,
        )

    def as_json(self) -> str:
        """The results, one object each."""
        return json.dumps([asdict(result) for result in self.results], indent=1)


def turned(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """The contenders, beginning with another one in each round."""
    shift = number % len(contenders) if contenders else 0
    return [*contenders[shift:], *contenders[:shift]]


def load(running: Running, order: dict[str, Any]) -> dict[str, Any]:
    """Put a load on a server. Raises CannotRun when nothing came of it."""
    whole = {
        **order,
        "port": running.port,
        "pid": running.pid,
        "dialect": running.contender.dialect,
        "tls": running.contender.tls,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load", json.dumps(whole)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            psutil.Process(process.pid).cpu_affinity([LOAD_CORE])
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
def progress(seconds: float) -> Iterator[Any]:
    """A bar on the terminal, with the time that is left."""
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns) as bar:
        task = bar.add_task("", total=seconds)

        def advance(by: float, text: str) -> None:
            bar.update(task, advance=by, description=text)

        yield advance

"""Our own stages pass every check that they should, and no check of the stage after them.

Each run is the command that a learner types. AT_ONCE go on at a time: they mostly wait; each is
started from a process of its own, since one of many threads is no place to start others from.
"""

import json
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from stages.check import catalogue
from stages.check.suite import LAST_STAGE, select

AT_ONCE = 4
IDLE_STAGE = 7
LONGEST = 60.0  # Seconds; most of a run is waiting for idle limits.
SAME_WIRE = 4  # The stage that changes nothing on the wire.

pytestmark = pytest.mark.timeout(300)  # The first test waits for its turn among all of them.


@dataclass(frozen=True)
class Run:
    """What a run of the checks gave: exit status, report, and what stands on stderr."""

    status: int
    report: dict[str, Any]
    stderr: str

    def names(self, status: str) -> list[str]:
        """The checks with this result."""
        return [one["check"] for one in self.report["results"] if one["status"] == status]


def check(stage: int, claimed: int) -> Run:
    """Hold `stage` to what stage `claimed` promises."""
    command = [sys.executable, "-m", f"stages.stage{stage}", "--port", "{port}"]
    if stage >= IDLE_STAGE:
        command += ["--idle-timeout", "{idle}"]
    done = subprocess.run(
        [sys.executable, "-m", "stages.check", str(claimed), "--json", "--", *command],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Run(done.returncode, json.loads(done.stdout), done.stderr)


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[tuple[int, int], Future[Run]]]:
    """Each stage as what it is, and as the next; the longest first."""
    pairs = [(stage, stage) for stage in range(LAST_STAGE, 0, -1)]
    pairs += [(stage, stage + 1) for stage in range(LAST_STAGE - 1, 0, -1)]
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        yield {pair: pool.submit(check, *pair) for pair in pairs}


@pytest.mark.parametrize("stage", range(1, LAST_STAGE + 1))
def test_a_stage_passes_all_checks(stage: int, runs: dict[tuple[int, int], Future[Run]]) -> None:
    run = runs[stage, stage].result()
    assert (run.status, run.stderr) == (0, "")
    assert run.names("failed") == []
    if sys.platform == "linux":
        assert run.names("skipped") == []
        assert run.names("passed") == [one.name for one in select(catalogue.CHECKS, stage)]


@pytest.mark.parametrize("stage", range(1, LAST_STAGE))
def test_a_stage_is_not_the_next(stage: int, runs: dict[tuple[int, int], Future[Run]]) -> None:
    run = runs[stage, stage + 1].result()
    first = next(check.name for check in catalogue.CHECKS if check.stage == stage + 1)
    differs = [] if stage + 1 == SAME_WIRE else [first]
    assert run.names("failed") == differs
    assert run.status == len(differs)


def test_the_checks_of_all_eight_stages_take_no_longer_than_a_minute(
    runs: dict[tuple[int, int], Future[Run]],
) -> None:
    run = runs[LAST_STAGE, LAST_STAGE].result()
    assert sum(one["seconds"] for one in run.report["results"]) < LONGEST

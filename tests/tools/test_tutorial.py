"""The tutorial's own last program, held to the checks: it falls where it is known to fall.

Needs the built Go programs: TUTORIAL_PROGRAMS names the folder that has stage8/server in it. They
are no part of this project; where they cannot be had, `TUTORIAL_PROGRAMS=none` says so.
"""

import os
from pathlib import Path

import pytest

from stages.check import catalogue
from stages.check.suite import Result, run, select
from stages.check.target import Command

STAGE = 8
NONE = "none"
FALLS = {
    "lines-in-one-segment": "another line came instead",
    "stops-reading": "nothing came in 2 s",
    "malformed": "the server's process ended with status 2",
}
STANDS = ("connects", "own-join-line", "join-lines", "chat")


def graded(*names: str) -> dict[str, Result]:
    """The results of these checks against the program of stage 8."""
    folder = os.environ.get("TUTORIAL_PROGRAMS")
    if folder == NONE:
        pytest.skip("TUTORIAL_PROGRAMS says that there are none")
    if not folder:
        if os.environ.get("NO_SKIPS"):
            pytest.fail("TUTORIAL_PROGRAMS is not set")
        pytest.skip("TUTORIAL_PROGRAMS does not say where the tutorial's programs are")
    program = Path(folder) / f"stage{STAGE}" / "server"
    target = Command(["env", "PORT={port}", "TIMEOUT_S={idle}", str(program)])
    try:
        checks = select(catalogue.CHECKS, STAGE, names)
        return {result.check.name: result for result in run(checks, target, STAGE, keep_going=True)}
    finally:
        target.close()


def test_it_falls_where_it_is_known_to_fall() -> None:
    causes = {
        name: result.failure.cause.partition(": ")[2] or result.failure.cause
        for name, result in graded(*FALLS).items()
        if result.failure
    }
    assert causes == FALLS


def test_it_stands_where_it_is_right() -> None:
    assert {name: result.status for name, result in graded(*STANDS).items()} == dict.fromkeys(
        STANDS, "passed"
    )

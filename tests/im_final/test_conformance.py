"""The finished server holds every check of the eight stages: in each event loop, over TLS as well.

The checks wait more than they work, so they are made at the same time, in parts.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import im_final
from stages.check import catalogue
from stages.check.suite import select
from stages.lab.grading import check
from tests.im_final.certificates import Certificate
from tests.im_final.children import POSIX
from tests.im_final.conftest import need_loop

STAGE = 8
NAMES = [one.name for one in select(catalogue.CHECKS, STAGE)]
LOOPS = ["asyncio", "uvloop"]
PARTS = 3  # Of each kind, at the same time.
PATIENCE = 100.0
SLOWLY = 10.0  # Seconds that the server may take for anything, with so much going on.

Part = Callable[[list[str]], str]


def of_command(*server: str) -> Part:
    """Makes checks of a command; returns what is wrong."""

    def hold(names: list[str]) -> str:
        words = [sys.executable, "-m", "stages.check", str(STAGE), "--patience", str(SLOWLY)]
        words += ["--keep-going", *[f"--only={name}" for name in names], "--"]
        done = subprocess.run(
            [*words, sys.executable, "-m", *server, "--idle-timeout", "{idle}"],
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        total = re.search(rf"^{len(names)} of {len(names)} checks", done.stdout, re.MULTILINE)
        return "" if total and not done.returncode else done.stdout + done.stderr

    return hold


def of_class(names: list[str]) -> str:
    """Makes checks of the class, as a notebook does; returns what is wrong."""
    graded = check(STAGE, im_final.Server, *names)
    return "" if graded.passed else repr(graded)


@pytest.fixture(scope="module", autouse=True)
def trouble(certificate: Certificate) -> Iterator[dict[str, list["Future[str]"]]]:
    """What is wrong with each kind of server, in parts, as soon as it is known."""
    kinds: dict[str, Part] = {"in a notebook": of_class}
    for loop in LOOPS:
        kinds[loop] = of_command("im_final", "serve", "--port", "{port}", "--loop", loop)
        front = ["tests.im_final.tls_front", "{port}", *certificate.words]
        kinds[f"{loop} over tls"] = of_command(*front, "--loop", loop)
    with ThreadPoolExecutor(PARTS * len(kinds)) as pool:
        yield {
            kind: [
                pool.submit(hold, NAMES[part::PARTS])
                for part in range(PARTS if hold is not of_class else 1)
            ]
            for kind, hold in kinds.items()
        }


def all_hold(parts: list["Future[str]"]) -> None:
    for part in parts:
        wrong = part.result()
        assert not wrong, wrong


@POSIX
@pytest.mark.parametrize("loop", LOOPS)
def test_the_program_holds_every_check(trouble: dict[str, list["Future[str]"]], loop: str) -> None:
    need_loop(loop)
    all_hold(trouble[loop])


@POSIX
@pytest.mark.parametrize("loop", LOOPS)
def test_over_tls_it_holds_every_check(trouble: dict[str, list["Future[str]"]], loop: str) -> None:
    need_loop(loop)
    all_hold(trouble[f"{loop} over tls"])


def test_the_class_holds_every_check_in_a_notebook(trouble: dict[str, list["Future[str]"]]) -> None:
    all_hold(trouble["in a notebook"])

"""Right servers in other designs and languages pass every check, however they are made.

Each is held to all eight stages, and to one more that it claims to have reached; between them they
claim every stage. `every_design.py` holds each to each.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.check.designs import DESIGNS, Design, check
from tests.needs import need

LAST = 8
OTHER = {"selectors": 2, "threads": 3, "streams": 4, "poll": 5, "goroutines": 6, "callbacks": 1}
AT_ONCE = 6  # They mostly wait.

pytestmark = [
    pytest.mark.timeout(300),  # The first test waits for its turn among all of them.
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere some checks are skipped"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are built."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Runs them while the tests go on."""
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def runs(folder: Path, pool: ProcessPoolExecutor) -> dict[tuple[str, int], "Future[str]"]:
    """What is wrong with each as a server of each of its stages, when it is known."""
    here = [design for design in DESIGNS if is_here(design)]
    pairs = [(design, LAST) for design in here] + [(one, OTHER[one.name]) for one in here]
    return {
        (design.name, stage): pool.submit(check, design.start_with(folder, stage), stage)
        for design, stage in pairs
    }


def is_here(design: Design) -> bool:
    """Whether there is the tool that a design needs."""
    try:
        need(design.tool)
    except (pytest.skip.Exception, pytest.fail.Exception):
        return False
    return True


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_it_holds_what_all_stages_promise(
    design: Design, runs: dict[tuple[str, int], "Future[str]"]
) -> None:
    need(design.tool)
    assert runs[design.name, LAST].result() == ""


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_it_holds_what_an_earlier_stage_promises(
    design: Design, runs: dict[tuple[str, int], "Future[str]"]
) -> None:
    need(design.tool)
    assert runs[design.name, OTHER[design.name]].result() == ""

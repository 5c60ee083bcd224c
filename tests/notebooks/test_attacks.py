"""An attack really breaks the naive version: with ours in its place, a lesson comes out otherwise.

The naive cell is replaced by the good version, and the whole lesson is run. Up to there nothing may
change, and after it something must.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.kernels import LESSONS, code_cells, new_cell, run_each, shown


def ours(number: int, naive: str) -> str:
    """What stands in for the naive version of a lesson."""
    if number == 1:
        return naive.replace("bell.wait(5)", "await asyncio.to_thread(bell.wait, 5)")
    user = f"NaiveUser = stage{number}.User\n" if number > 3 else ""
    return f"{user}Naive = stage{number}.Server"


def with_ours(path: Path) -> tuple[list[Any], int]:
    """The cells of a lesson with the good version in, and where that stands."""
    cells = code_cells(path)
    (at,) = [n for n, cell in enumerate(cells) if "naive" in cell.metadata.get("tags", [])]
    source = ours(int(path.name[:2]), cells[at].source)
    assert source != cells[at].source
    cells[at] = new_cell(source)
    return cells, at


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[Path, Future[list[Any]]]]:
    """Each lesson with the good version in it."""
    yield from run_each({path: with_ours(path)[0] for path in LESSONS})


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_attack_needs_the_naive_version(
    path: Path, runs: dict[Path, Future[list[Any]]]
) -> None:
    _, at = with_ours(path)
    saved = [shown(cell) for cell in code_cells(path)]
    came = [shown(cell) for cell in runs[path].result()]
    assert came[:at] == saved[:at]
    assert came[at:] != saved[at:]

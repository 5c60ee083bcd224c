"""An attack really breaks the naive version: with ours in its place, a lesson comes out otherwise.

The naive cell is replaced by the good version, and the whole lesson is run. Up to there nothing may
change, and after it something must.
"""

import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.kernels import LESSONS, code_cells, new_cell, run_each, shown


def naive_cells(path: Path) -> list[int]:
    """Where the naive versions of a lesson stand among its code cells."""
    cells = code_cells(path)
    return [at for at, cell in enumerate(cells) if "naive" in cell.metadata.get("tags", [])]


NAIVE = [(path, at) for path in LESSONS for at in naive_cells(path)]


def ours(number: int, naive: str) -> str:
    """What stands in for a naive version of a lesson: what the stage has, under the same names."""
    if "bell.wait" in naive:  # Stage 1 itself has nothing that could block.
        return naive.replace("bell.wait(5)", "await asyncio.to_thread(bell.wait, 5)")
    classes = re.findall(r"^class (\w+)\(stage\d\.(User|Server)\):$", naive, re.MULTILINE)
    return "\n".join(f"{name} = stage{number}.{kind}" for name, kind in classes)


def with_ours(path: Path, at: int) -> list[Any]:
    """The cells of a lesson with the good version in."""
    cells = code_cells(path)
    cells[at] = new_cell(ours(int(path.name[:2]), cells[at].source))
    return cells


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[Any, Future[list[Any]]]]:
    """Each lesson with a good version in it."""
    yield from run_each({(path, at): with_ours(path, at) for path, at in NAIVE})


@pytest.mark.parametrize(("path", "at"), NAIVE, ids=lambda value: getattr(value, "stem", value))
def test_the_attack_needs_the_naive_version(
    path: Path, at: int, runs: dict[Any, Future[list[Any]]]
) -> None:
    saved = [shown(cell) for cell in code_cells(path)]
    came = [shown(cell) for cell in runs[path, at].result()]
    assert came[:at] == saved[:at]
    assert came[at:] != saved[at:]

"""In which order the files of tests run when several do at a time (`-n 2`).

Those that take long go first, so that no core is idle at the end; and one that mostly waits goes
beside one that works.
"""

from pathlib import Path

import pytest

FIRST = (
    "tests/exercises/test_answers.py",
    "tests/exercises/test_grading.py",
    "tests/jupyterlab/test_notebooks.py",
    "tests/notebooks/test_in_use.py",
    "tests/check/test_wrong_servers.py",
    "tests/exercises/test_builds.py",
    "tests/check/test_right_servers.py",
    "tests/check/test_other_designs.py",
)
ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist keep this order; by itself it begins with the files of many tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those first."""
    places = {ROOT / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))

"""Every exercise, built anew from its source, is the same to the byte, outputs and all.

So it is on every supported Python: `.ci/run` runs this file on the others. It takes half a minute.
"""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from stages.exercises import notebook
from tests.exercises.learners import ROOT

AT_ONCE = 2  # Most of their time is waiting.

pytestmark = pytest.mark.timeout(200)  # The first test may have to wait for others.

Build = subprocess.CompletedProcess[str]


def build(name: str) -> Build:
    return subprocess.run(
        [sys.executable, "tools/build_exercises.py", "--check", name],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=100,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def builds() -> Iterator[dict[str, Future[Build]]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(build, name) for name in notebook.names()}


@pytest.mark.parametrize("name", notebook.names())
def test_built_anew_it_is_the_same(builds: dict[str, Future[Build]], name: str) -> None:
    done = builds[name].result()
    assert "would change" not in done.stdout
    assert done.returncode == 0, done.stdout

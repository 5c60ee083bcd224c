"""Where it may open too few files to begin with, a stage says so and does not begin."""

import os

import pytest

from stages.command import FILES
from tests.few_files import FEW, run


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@FEW
@pytest.mark.parametrize("stage", [1, 8])
def test_it_is_one_line_and_status_1(stage: int, files: int) -> None:
    done = run(files, f"stages.stage{stage}", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"cannot start: fewer than {FILES} files can be opened; raise ulimit -n\n"
    )

"""A Python that is too old is named, in one line that says what to do, by every entry point."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OLD_PYTHONS = sorted(
    python
    for version in ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")
    for python in Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
)
ENTRY_POINTS = [
    "stages",
    "stages.stage1",
    "stages.stage8",
    "stages.check",
    "stages.client",
    "im_final",
]
AS_OLD = """
import runpy, sys
sys.version_info = (3, 10, 4)
runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
"""


def assert_named(done: "subprocess.CompletedProcess[str]", version: str) -> None:
    """The program ended with status 1 and one line that names the version."""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Python {version} is too old for ")
    assert "3.11 or newer" in line
    assert done.returncode == 1
    assert done.stdout == ""


@pytest.mark.parametrize("module", ENTRY_POINTS)
def test_every_entry_point_names_an_old_python(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_OLD, module],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert_named(done, "3.10")


@pytest.mark.parametrize("module", ["stages.stage8", "im_final"])
@pytest.mark.parametrize("python", OLD_PYTHONS, ids=lambda path: path.parts[-3])
def test_real_old_pythons_can_read_the_guard(python: Path, module: str) -> None:
    done = subprocess.run(
        [python, "-B", "-m", module],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert_named(done, ".".join(python.parts[-3].split(".")[:2]))


def test_constraints_leave_an_old_python_to_pip() -> None:
    """Otherwise pip calls the pins contradictory, and never names the Python."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [pin for pin in pins if not re.search('; python_version >= "3.11"( and |$)', pin)] == []

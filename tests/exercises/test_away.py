"""Where the packages or the exercises are missing, one line says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXERCISE = "notebooks/exercises/05_who.ipynb"
WITHOUT_JUPYTER = f"""
import sys
sys.modules["jupyter_client"] = None
import pytest
sys.exit(pytest.main(["--nbval", "{EXERCISE}"]))
"""


def grade(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a folder, without this test run's own options."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, *words],
        check=False,
        cwd=folder,
        env={**env, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_another_python_without_the_packages_is_named() -> None:
    done = grade(ROOT, "-c", WITHOUT_JUPYTER, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"ERROR: {sys.executable} has no jupyter_client: call the course's own")
    assert done.returncode == 4


def test_without_the_course_around_the_stages_nothing_is_graded(tmp_path: Path) -> None:
    """As when the wheel is installed, and the notebooks were copied."""
    installed, copied = tmp_path / "site", tmp_path / "copied" / "notebooks" / "exercises"
    shutil.copytree(ROOT / "stages", installed / "stages")
    copied.mkdir(parents=True)
    for name in ("05_who.ipynb", "conftest.py"):
        shutil.copy(ROOT / "notebooks" / "exercises" / name, copied)
    done = grade(
        tmp_path / "copied", "-m", "pytest", "--nbval", EXERCISE, PYTHONPATH=str(installed)
    )
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(
        f"ERROR: {installed}, where these stages are, has no exercises: grade in"
    )
    assert done.returncode == 4

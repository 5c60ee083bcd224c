"""The command that runs another again and again: it counts, shows what failed, and times."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EVERY_OTHER = """
import pathlib
path = pathlib.Path("runs")
path.write_text(path.read_text() + "x" if path.exists() else "x")
if len(path.read_text()) % 2 == 0:
    raise SystemExit("ouch")
"""


def many_runs(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "many_runs.py", *words],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        check=False,
    )


def test_it_counts_the_runs_that_fail_and_shows_what_they_printed(tmp_path: Path) -> None:
    done = many_runs(tmp_path, "4", "--", sys.executable, "-c", EVERY_OTHER)
    assert done.returncode == 1
    assert done.stdout.count("ouch\n\nstatus 1\n") == 2
    assert "4 of 4 runs, 2 failed, the longest took " in done.stdout


def test_runs_that_all_hold_are_status_0_and_so_is_the_command_itself(tmp_path: Path) -> None:
    done = many_runs(tmp_path, "3", "--at-once", "2", "--", sys.executable, "-c", "print('fine')")
    assert (done.returncode, done.stderr) == (0, "")
    assert "fine" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("3 of 3 runs, 0 failed, the longest took ")


def test_a_run_that_takes_too_long_has_failed(tmp_path: Path) -> None:
    done = many_runs(tmp_path, "1", "--seconds", "0", "--", sys.executable, "-c", "print('late')")
    assert done.returncode == 1
    assert "late\n\nstatus 0\n" in done.stdout
    assert "1 of 1 runs, 1 failed" in done.stdout


def test_without_a_command_it_says_what_is_missing(tmp_path: Path) -> None:
    done = many_runs(tmp_path, "3")
    assert done.returncode == 2
    assert done.stderr.endswith("say what to run: -- COMMAND ...\n")

"""`python -m stages` keeps count, gives fresh exercises, and shows the solutions of solved ones."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages import __main__ as command_line
from stages.exercises import calling, commands, notebook, progress
from stages.exercises.progress import Result

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's copy of the course, in which the commands work."""
    made = tmp_path / "course"
    exercises, solutions = made / "notebooks" / "exercises", made / "notebooks" / "solutions"
    ignore = shutil.ignore_patterns("sources", "__pycache__")
    shutil.copytree(ROOT / "notebooks" / "solutions", solutions, ignore=ignore)
    exercises.mkdir()
    for name in notebook.names():
        fresh = notebook.written(notebook.fresh(notebook.reference(name)))
        (exercises / f"{name}.ipynb").write_text(fresh, encoding="utf-8")
    monkeypatch.setattr(notebook, "ROOT", made)
    monkeypatch.setattr(notebook, "SOLUTIONS", solutions)
    monkeypatch.setattr(commands, "EXERCISES", exercises)
    monkeypatch.chdir(made)
    return exercises


def solved(*names: str) -> dict[str, Result]:
    return dict.fromkeys(names, Result("solved"))


# Progress.


def test_nothing_is_solved_in_the_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["progress"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("0 of 20 tasks are solved.\n")
    assert "Next: server, in notebooks/exercises/01_basic_server.ipynb. To grade it:\n" in said
    assert "-m pytest --nbval notebooks/exercises/01_basic_server.ipynb\n" in said


def test_what_is_solved_is_counted_and_the_next_one_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress.record(folder, "01_basic_server", solved("server", "echo"))
    wrong = Result("not right yet", "Not what is expected: bob: nothing came in 2 s\nmore")
    progress.record(folder, "02_online_notice", {"notice": wrong})
    command_line.main(["progress"])
    said = capsys.readouterr().out
    assert said.startswith("2 of 20 tasks are solved.\n")
    assert "✓ server\n" in said
    assert "✗ notice      Not what is expected: bob: nothing came in 2 s\n" in said
    assert "Next: notice, in notebooks/exercises/02_online_notice.ipynb." in said


def test_all_is_solved_in_the_end(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in notebook.names():
        progress.record(folder, name, solved(*notebook.tasks(notebook.reference(name))))
    command_line.main(["progress"])
    said = capsys.readouterr().out
    assert said.startswith("20 of 20 tasks are solved.\n")
    assert said.endswith("All is solved. You have written a chat server.\n")


def test_it_is_kept_in_a_plain_file(folder: Path) -> None:
    progress.record(folder, "05_who", solved("who"))
    kept = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
    assert kept == {"05_who": {"who": {"result": "solved", "told": ""}}}


def test_half_a_character_that_was_told_is_kept(folder: Path) -> None:
    wrong = {"who": Result("not right yet", "got \ud800")}
    progress.record(folder, "05_who", wrong)
    assert progress.load(folder) == {"05_who": wrong}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"05_who": 1}', '{"05_who": {"who": {"x": 1}}}'])
def test_a_file_that_cannot_be_read_is_no_progress(folder: Path, text: str) -> None:
    (folder / "progress.json").write_text(text, encoding="utf-8")
    assert progress.load(folder) == {}
    progress.record(folder, "05_who", solved("who"))
    assert progress.load(folder) == {"05_who": solved("who")}


def test_the_command_is_the_one_that_works_here(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Path.cwd() / ".venv" / "bin" / "python"
    monkeypatch.setattr(sys, "executable", str(inside))
    assert calling.this_python() == str(Path(".venv", "bin", "python"))
    monkeypatch.setattr(sys, "executable", str(Path("/usr/bin/python3").resolve()))
    assert calling.this_python() == str(Path("/usr/bin/python3").resolve())


# Reset.


def test_reset_gives_a_fresh_exercise_and_keeps_the_old_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "05_who.ipynb"
    fresh = path.read_bytes()
    for number, work in ((1, b"first try"), (2, b"second try")):
        path.write_bytes(work)
        progress.record(folder, "05_who", solved("who"))
        assert command_line.main(["reset", "5"]) == 0
        assert path.read_bytes() == fresh
        assert (folder / f"05_who-kept-{number}.ipynb").read_bytes() == work
        assert progress.load(folder) == {}
        kept = Path("notebooks", "exercises", f"05_who-kept-{number}.ipynb")
        assert f"Your file is now {kept}.\n" in capsys.readouterr().out


def test_reset_brings_back_a_file_that_is_gone(folder: Path) -> None:
    path = folder / "05_who.ipynb"
    fresh = path.read_bytes()
    path.unlink()
    assert command_line.main(["reset", "5"]) == 0
    assert path.read_bytes() == fresh
    assert not list(folder.glob("*-kept-*"))


# Solutions.


def test_a_solution_stays_closed_until_its_tasks_are_solved(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress.record(folder, "05_who", solved("who", "catch"))
    assert command_line.main(["solution", "5"]) == 1
    assert capsys.readouterr().err == (
        "not solved yet: count. With --anyway you see the solution all the same\n"
    )
    progress.record(folder, "05_who", solved("count"))
    assert command_line.main(["solution", "5"]) == 0
    said = capsys.readouterr().out
    assert "# who\n\nclass User(stage4.User):" in said
    assert "# count\n\nclass Counting(stage5.User):" in said
    assert "# catch\n\ndef my_check(room):" in said


def test_with_anyway_it_opens_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["solution", "5", "--anyway"]) == 0
    assert 'if text == "who":' in capsys.readouterr().out


# Mistakes.


def test_without_the_notebooks_nothing_is_said_to_be_solved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook, "SOLUTIONS", tmp_path / "nowhere")
    for words in (["progress"], ["reset", "1"], ["solution", "1"]):
        assert command_line.main(words) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("there are no exercises here: ")


@pytest.mark.parametrize("words", [["reset", "9"], ["solution", "0"]])
def test_an_exercise_that_there_is_not(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(words) == 1
    assert capsys.readouterr().err == f"there is no exercise {words[1]}; there are 1 to 8\n"


def test_the_commands_need_nothing_but_python() -> None:
    command = [sys.executable, "-S", "-m", "stages", "progress"]
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", timeout=30, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_is_named_from_the_folder_one_is_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "05_who.ipynb"
    assert calling.named(path) == str(Path("notebooks", "exercises", "05_who.ipynb"))
    monkeypatch.chdir(folder)
    assert "-m pytest --nbval 01_basic_server.ipynb" in commands.show_progress()
    monkeypatch.chdir(folder.anchor)
    assert calling.named(Path("my course", "a file")) == "'my course/a file'"


def test_a_python_that_cannot_grade_names_the_one_of_the_course(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert calling.grading_python(folder) == calling.this_python()
    monkeypatch.setattr(calling, "find_spec", lambda _: None)
    assert calling.grading_python(folder) == calling.this_python()
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert calling.grading_python(folder) == "notebooks/exercises/.venv/bin/python"

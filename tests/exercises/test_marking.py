"""A folder of submissions becomes a table: nobody is lost, and nobody pays for another."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stages import __main__ as command_line
from stages.exercises import marking, notebook
from stages.exercises.calling import this_python
from stages.exercises.submissions import submissions
from tests.exercises.answers import wrong_answers
from tests.exercises.learners import ROOT, Learner

pytestmark = pytest.mark.timeout(200)
EXERCISE = "01_basic_server"
MISTAKE = next(one for one in wrong_answers(EXERCISE, "echo") if "strips" in one.path.stem)


def handed_in(path: Path, exercise: str = EXERCISE, *, solved: bool = True) -> Path:
    """A notebook that somebody hands in, in a file of this name."""
    page = notebook.reference(exercise)
    page = notebook.fresh(page)
    if solved:
        for cell in page["cells"]:
            if notebook.task_of(cell):
                cell["source"] = "1 / 0"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebook.written(page), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """A class: ann has solved all, ben made a mistake, and from cyd on each file is broken."""
    folder = tmp_path_factory.mktemp("marking")
    ann = Learner(folder / "submissions" / "ann" / "week 1", EXERCISE)
    ann.solve()
    ann.save()
    ben = Learner(folder / "elsewhere", EXERCISE)
    ben.solve()
    ben.tasks["echo"]["source"] = MISTAKE.source
    ben.save()
    shutil.copy(ben.path, folder / "submissions" / "ben_01_basic_server (2).ipynb")
    for name, data in (("cyd", b"no notebook"), ("dan", b"[" * 100_000), ("eve", b"\xff\xfe{\0")):
        path = folder / "submissions" / name / f"{EXERCISE}.ipynb"
        path.parent.mkdir()
        path.write_bytes(data)
    (folder / "submissions" / "cyd" / "holiday.ipynb").write_text("no exercise", encoding="utf-8")
    fay = folder / "submissions" / "fay" / f"{EXERCISE}.ipynb"
    fay.mkdir(parents=True)
    (folder / "submissions" / "gus").mkdir()
    (folder / "submissions" / "gus" / f"{EXERCISE}.ipynb").symlink_to(folder / "nowhere")
    poison = {"PYTEST_ADDOPTS": "-k nothing", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "stages",
            "grade",
            folder / "submissions",
            folder / "grades.csv",
            "1",
            "2",
        ],
        check=False,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        env={**os.environ, **poison},
    )


@pytest.fixture(scope="module")
def table(marked: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    """The table of this class."""
    return read(Path(marked.args[5]))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_row_for_each_student_and_task(table: list[dict[str, str]]) -> None:
    tasks = [(EXERCISE, "server"), (EXERCISE, "echo")]
    tasks += [("02_online_notice", "notice"), ("02_online_notice", "welcome")]
    rows = [(row["student"], row["exercise"], row["task"]) for row in table]
    people = ("ann", "ben", "cyd", "dan", "eve", "fay", "gus")
    assert rows == [(student, *task) for student in people for task in tasks]


def test_each_row_has_what_the_student_would_read(table: list[dict[str, str]]) -> None:
    told = {
        row["student"]: (row["result"], row["told"])
        for row in table
        if row["exercise"] == EXERCISE and row["task"] == "echo"
    }
    file = "Not graded: 01_basic_server.ipynb"
    broken = (
        "not graded",
        f"{file} is no notebook any more; "
        f"`{this_python()} -m stages reset 1` gives back a fresh exercise",
    )
    assert told == {
        "ann": ("solved", ""),
        "ben": ("not right yet", MISTAKE.told),
        "cyd": broken,
        "dan": broken,
        "eve": ("not graded", f"{file} is in UTF-16: save it as UTF-8, as JupyterLab does"),
        "fay": broken,
        "gus": ("not graded", f"{file} cannot be read: No such file or directory"),
    }


def test_what_is_not_graded_is_in_the_status(marked: subprocess.CompletedProcess[str]) -> None:
    assert marked.returncode == 1
    assert marked.stderr.endswith("; 10 tasks are not graded, and `told` says why\n")
    assert "Traceback" not in marked.stderr


def test_what_was_not_handed_in_is_said_to_be_so(table: list[dict[str, str]]) -> None:
    rest = {row["result"] for row in table if row["exercise"] == "02_online_notice"}
    assert rest == {"not handed in"}


def test_the_table_says_which_file_was_taken(table: list[dict[str, str]]) -> None:
    files = {row["student"]: row["file"] for row in table if row["exercise"] == EXERCISE}
    assert files["ann"] == str(Path("ann", "week 1", f"{EXERCISE}.ipynb"))
    assert files["ben"] == "ben_01_basic_server (2).ipynb"


# Which file, and whose.


def taken(folder: Path, *names: str) -> dict[tuple[str, str], str]:
    """The file that is taken, by student and exercise."""
    return {
        (one.student, one.taken.exercise): one.taken.inside.as_posix()
        for one in submissions(folder, names or notebook.names())
    }


def test_the_later_of_two_submissions_counts_and_this_is_said(tmp_path: Path) -> None:
    names = (f"{EXERCISE}.ipynb", f"{EXERCISE} (1).ipynb", f"{EXERCISE}-kept-1.ipynb")
    for number, name in enumerate(names):
        os.utime(handed_in(tmp_path / "ann" / name), (number, number))
    assert taken(tmp_path) == {("ann", EXERCISE): f"ann/{EXERCISE} (1).ipynb"}
    (one,) = submissions(tmp_path, [EXERCISE])
    ann = Path("ann")
    assert one.told() == f"ann: taken is {ann / names[1]}, not {ann / names[2]}, {ann / names[0]}"


def test_what_was_worked_on_counts_more_than_a_fresh_one(tmp_path: Path) -> None:
    os.utime(handed_in(tmp_path / "ann" / f"{EXERCISE}-kept-1.ipynb"), (1, 1))
    os.utime(handed_in(tmp_path / "ann" / f"{EXERCISE}.ipynb", solved=False), (2, 2))
    assert taken(tmp_path) == {("ann", EXERCISE): f"ann/{EXERCISE}-kept-1.ipynb"}


def test_a_whole_course_that_was_handed_in_has_one_exercise_of_a_name(tmp_path: Path) -> None:
    notebooks = tmp_path / "ann" / "course" / "notebooks"
    exercise = handed_in(notebooks / "exercises" / f"{EXERCISE}.ipynb")
    shutil.copytree(ROOT / "notebooks" / "solutions", notebooks / "solutions")
    shutil.copy(ROOT / "notebooks" / f"{EXERCISE}.ipynb", notebooks)
    os.utime(exercise, (1, 1))
    assert taken(tmp_path, EXERCISE) == {
        ("ann", EXERCISE): f"ann/course/notebooks/exercises/{EXERCISE}.ipynb"
    }


def test_what_systems_add_is_no_submission(tmp_path: Path) -> None:
    handed_in(tmp_path / "ann" / f"{EXERCISE}.ipynb")
    for name in (f"ann/._{EXERCISE}", f"__MACOSX/ann/{EXERCISE}", f".ipynb_checkpoints/{EXERCISE}"):
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"\0")
    assert set(taken(tmp_path)) == {("ann", EXERCISE)}


def test_an_exercise_is_known_by_its_cells_whatever_the_file_is_called(tmp_path: Path) -> None:
    handed_in(tmp_path / "ann" / "homework.ipynb", "05_who")
    handed_in(tmp_path / "ben" / "05_who.ipynb", "06_rename")
    without_ids = handed_in(tmp_path / "cyd" / "old.ipynb", "07_idle_timeout")
    page = notebook.read(without_ids)
    for cell in page["cells"]:
        del cell["id"]
    without_ids.write_text(notebook.written(page), encoding="utf-8")
    assert set(taken(tmp_path)) == {
        ("ann", "05_who"), ("ben", "06_rename"), ("cyd", "07_idle_timeout"),
    }  # fmt: skip


def test_nobody_in_a_group_is_lost(tmp_path: Path) -> None:
    for name in ("group A/lea", "group A/max", "group B/deep/tom", "group B/deep/zoe/week 1"):
        handed_in(tmp_path / name / f"{EXERCISE}.ipynb")
    for name in ("group C/kim_01_basic_server", "group C/ben 01_basic_server (1)"):
        handed_in(tmp_path / f"{name}.ipynb")
    handed_in(tmp_path / "ann" / "week 1" / f"{EXERCISE}.ipynb")
    handed_in(tmp_path / "ann" / "week 5" / "05_who.ipynb", "05_who")
    assert sorted({student for student, _ in taken(tmp_path)}) == [
        "ann", "group A/lea", "group A/max", "group B/deep/tom", "group B/deep/zoe",
        "group C/ben", "group C/kim",
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_utf_8_is_readable_in_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode("你好".encode("gbk"))
    handed_in(tmp_path / "all" / name / f"{EXERCISE}.ipynb", solved=False)
    command_line.main(["grade", str(tmp_path / "all"), str(tmp_path / "grades.csv"), "1"])
    assert "are graded in" in capsys.readouterr().out
    shown = r"\xc4\xe3\xba\xc3"
    assert {row["student"] for row in read(tmp_path / "grades.csv")} == {shown}


# What goes wrong.


@pytest.mark.parametrize(
    ("folder", "said"),
    [("nowhere", "{} is no folder\n"), (".", "there is no notebook in {} that is an exercise\n")],
)
def test_a_folder_without_submissions_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str, said: str
) -> None:
    words = ["grade", str(tmp_path / folder), str(tmp_path / "grades.csv")]
    assert command_line.main(words) == 1
    assert capsys.readouterr().err == said.format(tmp_path / folder)
    assert not (tmp_path / "grades.csv").exists()


def test_a_table_that_cannot_be_written_is_refused_before_anything_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(tmp_path / "ann" / f"{EXERCISE}.ipynb")
    monkeypatch.setattr(marking, "Class", None)
    for table, why in ((tmp_path, "Is a directory"), (tmp_path / "x" / "y", "No such file")):
        assert command_line.main(["grade", str(tmp_path), str(table)]) == 1
        assert capsys.readouterr().err.startswith(f"{table} cannot be written: {why}")


def test_a_table_that_was_locked_meanwhile_is_written_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "grades.csv").mkdir()
    place = marking.write(tmp_path / "grades.csv", [("ann", "a", "b", "solved", "", "f")])
    assert "grades.csv cannot be written: " in capsys.readouterr().err
    assert read(place)[0]["student"] == "ann"
    shutil.rmtree(place.parent)


def test_ctrl_c_ends_it_and_what_was_graded_is_in_the_table(tmp_path: Path) -> None:
    learner = Learner(tmp_path / "all" / "ann", EXERCISE)
    learner.solve()
    learner.tasks["echo"]["source"] = "import time\ntime.sleep(1000)"
    learner.save()
    words = ["grade", str(tmp_path / "all"), str(tmp_path / "grades.csv"), "1"]
    started = "print('echo begins', file=sys.stderr, flush=True)"
    told_when = (
        "import sys\nfrom stages.__main__ import main\nfrom stages.exercises.running import Page\n"
        f"grade = Page.grade\ndef told(page, task):\n    if task == 'echo': {started}\n"
        "    return grade(page, task)\nPage.grade = told\nsys.exit(main(sys.argv[1:]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", told_when, *words],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr
    assert process.stderr.readline() == "echo begins\n"
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 20
    assert process.returncode == 1
    assert "Traceback" not in said
    results = {row["task"]: (row["result"], row["told"]) for row in read(tmp_path / "grades.csv")}
    assert results == {"server": ("solved", ""), "echo": ("not graded", marking.STOPPED)}

"""The pages of the exercises have what a learner needs, and are those of their sources."""

import importlib
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stages.exercises import notebook

ROOT = Path(__file__).parents[2]
LESSONS = [path.stem for path in sorted((ROOT / "notebooks").glob("0[1-8]_*.ipynb"))]
HEADS = ("**What to do.**", "**Expected.**", "**The rule that decides.**", "**Write** ")
every_exercise = pytest.mark.parametrize("name", notebook.names())


def page(name: str) -> notebook.Notebook:
    """An exercise as it is in the beginning, whoever has worked on the one in this folder."""
    return notebook.fresh(notebook.reference(name))


def texts(name: str) -> dict[str, str]:
    """What stands above each task."""
    found = {}
    text = ""
    for cell in page(name)["cells"]:
        if task := notebook.task_of(cell):
            found[task] = text
            text = ""
        elif cell["cell_type"] == "markdown" and not cell["id"].endswith(notebook.FOLD):
            text += "\n\n" + notebook.source(cell)
    return found


def test_there_is_one_for_every_lesson() -> None:
    assert notebook.names() == LESSONS
    assert all((notebook.EXERCISES / f"{name}.ipynb").exists() for name in LESSONS)


@every_exercise
def test_one_is_to_be_built_and_one_goes_further(name: str) -> None:
    kinds = [re.findall(r"^## \d\. (.*): `(.*)`$", text, re.M) for text in texts(name).values()]
    expected = ["Build it", "Go further", "Catch it"][: len(kinds)]
    assert kinds == [[(kind, task)] for kind, task in zip(expected, texts(name), strict=True)]


def test_wrong_servers_are_to_be_caught_for_four_stages() -> None:
    catching = [name[:2] for name in notebook.names() if "catch" in texts(name)]
    assert catching == ["03", "05", "06", "08"]


@every_exercise
def test_each_task_says_what_to_do_and_opens_three_hints_one_after_the_other(name: str) -> None:
    for text in texts(name).values():
        places = [text.index(head) for head in HEADS]
        assert places == sorted(places)
        hints = re.findall(
            r"<details><summary>Hint (\d): .+?</summary>\n\n.+?\n</details>", text, re.S
        )
        assert hints == ["1", "2", "3"]
        assert text.count("<details>") == text.count("</details>") == 3
        between = text[places[1] : places[2]]
        assert between.count("```") == 2, "an expected transcript"


@every_exercise
def test_what_a_run_replaces_is_kept_in_a_fold_below_each_graded_cell(name: str) -> None:
    cells = page(name)["cells"]
    kept = 0
    for cell, below in itertools.pairwise(cells):
        if notebook.expected_text(cell):
            assert below["id"] == cell["id"] + notebook.FOLD
            assert notebook.expected_text(cell) in notebook.source(below)
            kept += 1
    assert kept == sum(cell["id"].endswith(notebook.FOLD) for cell in cells) > 2


@every_exercise
def test_the_stub_names_its_task_and_nothing_else_is_missing(name: str) -> None:
    cells = {notebook.task_of(cell): cell for cell in page(name)["cells"]}
    assert set(cells) - {""} == set(texts(name))
    for task, cell in cells.items():
        if task:
            assert notebook.is_unsolved(cell)
            compile(notebook.source(cell), task, "exec")
            assert "SOLUTION" not in notebook.source(cell)


@every_exercise
def test_it_says_how_it_is_graded_and_what_comes_next(name: str) -> None:
    text = "\n".join(notebook.source(cell) for cell in page(name)["cells"])
    assert f"-m pytest --nbval notebooks/exercises/{name}.ipynb\n" in text
    number = int(name[:2])
    following = LESSONS[number] if number < len(LESSONS) else "stages progress"
    assert following in notebook.source(page(name)["cells"][-1])
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (notebook.EXERCISES / target).exists(), target


@every_exercise
def test_the_lesson_leads_to_it(name: str) -> None:
    lesson = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert f"(exercises/{name}.ipynb)" in lesson


@every_exercise
def test_it_says_near_the_top_what_counts(name: str) -> None:
    top = " ".join(notebook.source(page(name)["cells"][0]).split())
    assert (
        "Only your answers and the cells that you add count: "
        "what you change in any other cell is not graded." in top
    )


@every_exercise
def test_each_cell_that_shows_what_an_answer_does_says_so_in_words(name: str) -> None:
    task = ""
    for cell in notebook.code_cells(notebook.reference(name)):
        task = notebook.task_of(cell) or task
        its_own = notebook.source(cell).splitlines()[-1].startswith(("check(", "catch("))
        needs = bool(task and not notebook.task_of(cell) and not its_own)
        assert bool(cell["metadata"].get("promise")) == needs, notebook.source(cell)
        assert bool(cell["outputs"]) == bool(task and not notebook.task_of(cell))


# One source.


def build(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/build_exercises.py", *words],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
    )


def test_exercises_and_solutions_are_those_of_their_sources() -> None:
    done = build("--check", "--unrun")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--check", "09_more"), "there is no source '09_more'"),
        (("--unrun",), "--unrun is for --check"),
    ],
)
def test_what_cannot_be_built_is_refused(words: tuple[str, ...], said: str) -> None:
    done = build(*words)
    assert done.returncode == 2
    assert said in done.stderr


class Pair:
    """A copy of one exercise and its solution, to change and to check."""

    def __init__(self, folder: Path, tool: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.tool = tool
        self.capsys = capsys
        self.exercise = folder / "exercises" / "05_who.ipynb"
        self.solution = folder / "solutions" / "05_who.ipynb"

    def drift(self) -> str:
        """What would change."""
        status = self.tool.main(["--check", "--unrun", "05_who"])
        said = self.capsys.readouterr().out
        assert status == bool(said)
        return str(said)


@pytest.fixture
def pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Pair:
    monkeypatch.syspath_prepend(ROOT / "tools")
    made = Pair(tmp_path, importlib.import_module("build_exercises"), capsys)
    for path, text in (
        (made.exercise, notebook.written(page("05_who"))),
        (made.solution, (notebook.SOLUTIONS / "05_who.ipynb").read_text(encoding="utf-8")),
    ):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(made.tool, "ROOT", tmp_path)
    monkeypatch.setattr(notebook, "EXERCISES", made.exercise.parent)
    monkeypatch.setattr(notebook, "SOLUTIONS", made.solution.parent)
    return made


@pytest.mark.parametrize("changed", ["exercise", "solution"])
@pytest.mark.parametrize(
    ("old", "new"), [("Go further", "Go on"), ("6 of 6 suspects", "7 of 6 suspects")]
)
def test_a_notebook_that_was_changed_by_hand_is_noticed(
    pair: Pair, changed: str, old: str, new: str
) -> None:
    assert pair.drift() == ""
    path: Path = getattr(pair, changed)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert "would change\n" in pair.drift()


def worked_on(path: Path) -> notebook.Notebook:
    """The page of somebody who has answered a task, added a cell, run all of it, and saved."""
    there = notebook.read(path)
    there["metadata"]["language_info"]["version"] = "3.11.7"
    there["cells"].append({**there["cells"][1], "id": "their-own", "source": "print('mine')"})
    for cell in notebook.code_cells(there):
        cell["outputs"] = []
        if notebook.task_of(cell) == "who":
            cell["source"] = "class User(stage4.User):\n    pass"
    return there


def test_ones_own_work_in_an_exercise_is_no_drift(pair: Pair) -> None:
    there = worked_on(pair.exercise)
    pair.exercise.write_text(notebook.written(there), encoding="utf-8")
    assert pair.drift() == ""


def test_nor_is_a_page_that_was_only_run(pair: Pair) -> None:
    there = notebook.read(pair.exercise)
    for number, cell in enumerate(notebook.code_cells(there), 1):
        cell["execution_count"], cell["outputs"] = number, []
    pair.exercise.write_text(notebook.written(there), encoding="utf-8")
    assert pair.drift() == ""


@pytest.mark.parametrize(("old", "new"), [("Go further", "Go on"), ("bob.read(3)", "bob.read(2)")])
def test_a_given_cell_in_it_that_is_another_is_drift(pair: Pair, old: str, new: str) -> None:
    text = notebook.written(worked_on(pair.exercise))
    assert old in text
    pair.exercise.write_text(text.replace(old, new), encoding="utf-8")
    assert pair.drift() == f"{Path('exercises', '05_who.ipynb')}: would change\n"


def test_nor_is_one_that_is_broken_or_gone_taken_for_somebodys_work(pair: Pair) -> None:
    pair.exercise.write_text("{", encoding="utf-8")
    assert pair.drift() == f"{Path('exercises', '05_who.ipynb')}: would change\n"
    pair.exercise.unlink()
    assert pair.drift() == f"{Path('exercises', '05_who.ipynb')}: would change\n"

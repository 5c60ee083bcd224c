"""The pages of the exercises have what a learner needs, and are those of their sources."""

import importlib
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
    return notebook.read(notebook.EXERCISES / f"{name}.ipynb")


def texts(name: str) -> dict[str, str]:
    """What stands above each task."""
    found = {}
    text = ""
    for cell in page(name)["cells"]:
        if task := notebook.task_of(cell):
            found[task] = text
            text = ""
        elif cell["cell_type"] == "markdown":
            text += "\n\n" + notebook.source(cell)
    return found


def test_there_is_one_for_every_lesson() -> None:
    assert notebook.names() == LESSONS
    assert [path.stem for path in sorted(notebook.EXERCISES.glob("*.ipynb"))] == LESSONS


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
    done = build("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_source_that_there_is_not_is_refused() -> None:
    done = build("--check", "09_more")
    assert done.returncode == 2
    assert "there is no source '09_more'" in done.stderr


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_a_notebook_that_was_changed_by_hand_is_noticed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str,
) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    tool: Any = importlib.import_module("build_exercises")
    for place in ("exercises", "solutions"):
        path = tmp_path / place / "05_who.ipynb"
        path.parent.mkdir()
        text = (ROOT / "notebooks" / place / "05_who.ipynb").read_text(encoding="utf-8")
        path.write_text(
            text.replace("Go further", "Go on") if place == folder else text, encoding="utf-8"
        )
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(notebook, "EXERCISES", tmp_path / "exercises")
    monkeypatch.setattr(notebook, "SOLUTIONS", tmp_path / "solutions")
    assert tool.main(["--check", "05_who"]) == 1
    assert capsys.readouterr().out == f"{Path(folder, '05_who.ipynb')}: would change\n"

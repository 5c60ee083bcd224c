"""Learners of all kinds, and what grading their work gives: the notebooks that the tests grade.

A story is a learner at work on one exercise. Wrong answers are the files in `wrong/EXERCISE/`, each
named after its task and its mistake; their first line has what a learner must be told.
"""

import copy
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.exercises import notebook, progress
from stages.exercises.progress import Result

ROOT = Path(__file__).parents[2]
WRONG = Path(__file__).parent / "wrong"
SCRIPT = Path(__file__).with_name("run_and_grade.py")
AT_ONCE = 4  # Stories; most of their time is waiting.
TOLD = "# told: "
DEADLINE = 400  # Seconds for all of a story.
AS_A_LEARNER = ("-c", "pyproject.toml", "-p", "no:hypothesispytest")  # They have no hypothesis.


@dataclass(frozen=True)
class WrongAnswer:
    """An answer with one mistake."""

    path: Path

    @property
    def exercise(self) -> str:
        return self.path.parent.name

    @property
    def task(self) -> str:
        return self.path.stem.partition("_")[0]

    @property
    def told(self) -> str:
        """What a learner has to be told, at least."""
        return self.path.read_text(encoding="utf-8").partition("\n")[0].removeprefix(TOLD)

    @property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8").partition("\n")[2]


WRONG_ANSWERS = [WrongAnswer(path) for path in sorted(WRONG.glob("*/*.py"))]


def answers_to(exercise: str, task: str) -> list[WrongAnswer]:
    """The wrong answers to a task."""
    return [one for one in WRONG_ANSWERS if (one.exercise, one.task) == (exercise, task)]


class Learner:
    """Somebody's copy of one exercise, in a folder of their own."""

    def __init__(self, folder: Path, exercise: str) -> None:
        folder.mkdir(parents=True)
        shutil.copy(notebook.EXERCISES / "conftest.py", folder)
        self.path = folder / f"{exercise}.ipynb"
        solution = notebook.reference(exercise)
        self.page = copy.deepcopy(notebook.fresh(solution))
        self.right = {cell["id"]: cell for cell in solution["cells"]}
        self.tasks = {notebook.task_of(cell): cell for cell in self.page["cells"]}
        self.tasks.pop("")

    def solve(self) -> None:
        """Write the right answer to every task."""
        for cell in self.tasks.values():
            cell["source"] = self.right[cell["id"]]["source"]

    def is_all_right(self) -> bool:
        """Whether every answer is that of the solution."""
        return all(
            notebook.source(cell) == notebook.source(self.right[cell["id"]])
            for cell in self.tasks.values()
        )

    def add(self, after: str, text: str) -> None:
        """A cell of their own, after the one with this id."""
        ids = [cell["id"] for cell in self.page["cells"]]
        self.page["cells"].insert(ids.index(after) + 1, own_cell(text))

    def save(self) -> None:
        """Write the file."""
        self.path.write_text(notebook.written(self.page), encoding="utf-8")


def own_cell(text: str) -> dict[str, Any]:
    """A cell that a learner has added."""
    own_cell.count += 1  # type: ignore[attr-defined]
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"own-{own_cell.count}",  # type: ignore[attr-defined]
        "metadata": {},
        "outputs": [],
        "source": text,
    }


own_cell.count = 0  # type: ignore[attr-defined]


# The stories.


def unsolved(learner: Learner) -> None:
    """Nothing is done yet."""


def solved_in_ones_own_way(learner: Learner) -> None:
    """All is right, with prints, experiments, and cells that fail, all over the page."""
    learner.solve()
    for cell in list(learner.page["cells"]):
        if cell["cell_type"] == "code":
            learner.add(cell["id"], "print('mine')\n1 / 0")
    for cell in learner.tasks.values():
        cell["source"] = [*cell["source"], "\n", "print('so far so good')"]
    for cell in learner.page["cells"]:
        if cell["cell_type"] == "code" and cell["id"] in learner.right and cell["outputs"]:
            cell["outputs"], cell["source"] = [], "'what I made of it'"


def wrong_at(place: int) -> Callable[[Learner], None]:
    """The wrong answer at this place of its task's list, to every task that has one."""

    def work(learner: Learner) -> None:
        learner.solve()
        for task, cell in learner.tasks.items():
            if answer := answer_at(place, learner.path.stem, task):
                cell["source"] = answer.source

    return work


def answer_at(place: int, exercise: str, task: str) -> WrongAnswer | None:
    """The wrong answer at this place of a task's list, if it has so many."""
    return dict(enumerate(answers_to(exercise, task))).get(place)


PLACES = range(5)  # So many wrong answers a task may have.
SAVED = ", saved"
STORIES: dict[str, Callable[[Learner], None]] = {
    "unsolved": unsolved,
    "solved": solved_in_ones_own_way,
    "wrong 0": wrong_at(0),
    **{f"wrong {place}{SAVED}": wrong_at(place) for place in PLACES},
}


# Grading.


@dataclass(frozen=True)
class Graded:
    """How it went, and where the pages are; by story and exercise."""

    results: dict[tuple[str, str], dict[str, Result]]  # Then by task.
    paths: dict[tuple[str, str], Path]


def grade_all(folder: Path) -> Graded:
    """Let all learners work, and grade what they did."""
    paths: dict[tuple[str, str], Path] = {}
    for story, work in STORIES.items():
        for exercise in notebook.names():
            learner = Learner(folder / story / exercise, exercise)
            work(learner)
            learner.save()
            if learner.is_all_right() and story.startswith("wrong"):
                continue  # None of its tasks has so many wrong answers.
            paths[story, exercise] = learner.path
    run_stories(paths, folder)
    results = {key: progress.load(path.parent)[path.stem] for key, path in paths.items()}
    return Graded(results, paths)


def run_stories(paths: dict[tuple[str, str], Path], logs: Path) -> None:
    """Run what is to be saved as run, and grade everything; what is printed goes to a folder."""

    def run(story: str) -> None:
        chosen = [path for (one, _), path in paths.items() if one == story]
        saved = chosen if story.endswith(SAVED) else []
        command = [sys.executable, SCRIPT, str(len(saved)), *saved, *chosen]
        with (logs / f"{story}.log").open("wb") as log:
            subprocess.run(command, check=False, stdout=log, stderr=log, cwd=ROOT, timeout=DEADLINE)

    longest_first = sorted(STORIES, key=lambda story: not story.endswith(SAVED))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, longest_first))

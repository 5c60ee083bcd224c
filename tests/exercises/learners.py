"""Learners at work: the notebooks that the tests grade, and what grading them gives."""

import copy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from stages.exercises import notebook, progress

ROOT = Path(__file__).parents[2]
AS_A_LEARNER = ("-c", "pyproject.toml", "-p", "no:hypothesispytest")  # They have no hypothesis.


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


def cell(cell_id: str, text: str, task: str = "") -> notebook.Cell:
    made = {**own_cell(text), "id": cell_id}
    made["metadata"] = {"task": task, "stub": "stub"} if task else {}
    return made


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


def grade(learner: Learner, *options: str) -> dict[str, progress.Result]:
    """Grade one notebook by the command of the learners; how each task went."""
    learner.save()
    grade_file(learner.path, *options)
    return progress.load(learner.path.parent)[learner.path.stem]


def grade_file(path: Path, *options: str) -> str:
    """Grade one notebook by the command of the learners; what is printed."""
    command = [sys.executable, "-m", "pytest", *AS_A_LEARNER, "--nbval", *options, path]
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", timeout=100, cwd=ROOT
    )
    return done.stdout

"""Exercise notebooks as data: what a task is, what its learner wrote, what is to be run.

A notebook is read as plain JSON (nbformat 4.5). A cell is known by its id: in
`notebooks/solutions/05_who.ipynb`, the reference, the cell of the task `who` has the metadata
`task`, and `stub`, which is the code that stands in its place in the exercise. All other cells are
given: what they say, run and show is the reference's, whatever a learner has done to them. One that
shows what an answer does has the metadata `promise`, which says it in words.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stages.exercises.calling import reset

ROOT = Path(__file__).parents[2]
EXERCISES = ROOT / "notebooks" / "exercises"
SOLUTIONS = ROOT / "notebooks" / "solutions"

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Notebook = dict[str, Any]
Cell = dict[str, Any]


class Unreadable(Exception):
    """A notebook cannot be graded; the message says why, and what to do."""


@dataclass(frozen=True)
class Step:
    """A cell to run, for a task ("" before the first): given, the answer, or added by the learner.

    A `missing` step has the cell that should be there.
    """

    whose: Literal["given", "answer", "added", "missing"]
    task: str
    cell: Cell

    @property
    def promise(self) -> str:
        """What a given cell shows of a right answer, in words, or ""."""
        return str(self.cell["metadata"].get("promise", "")) if self.whose == "given" else ""

    @property
    def shows(self) -> str:
        """The text of the value that a given cell shows of a right answer, or ""."""
        results = (one for one in self.cell["outputs"] if one["output_type"] == "execute_result")
        return next(("".join(one["data"]["text/plain"]) for one in results), "")


FOLD = "-shows"  # At the end of the id of a cell that keeps what the cell before it should show.


def names() -> list[str]:
    """The exercises, as `05_who`, in their order."""
    return sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))


def exercise_in(path: Path) -> str:
    """The exercise that a file is named after, also in `alice_05_who (2).ipynb`; or ""."""
    return next((name for name in names() if name in path.stem), "")


def reference(name: str) -> Notebook:
    """The solution of an exercise."""
    return read(SOLUTIONS / f"{name}.ipynb")


def read(path: Path) -> Notebook:
    """A notebook. Raises Unreadable."""
    a_fresh_one = f"`{reset(exercise_in(path) or path.stem)}` gives back a fresh exercise"
    try:
        data = path.read_bytes()
        if data.startswith(UTF_16):
            raise Unreadable(f"{path.name} is in UTF-16: save it as UTF-8, as JupyterLab does")
        notebook = json.loads(data.decode("utf-8-sig"))  # PowerShell begins a file with a BOM.
        cells = [whole(cell) for cell in notebook["cells"] if isinstance(cell, dict)]
        return {**notebook, "cells": cells}
    except FileNotFoundError:
        raise Unreadable(f"{path.name} is not there; {a_fresh_one}") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"{path.name} is no notebook any more; {a_fresh_one}") from error


def whole(cell: Cell) -> Cell:
    """A cell with all its parts; one that is no such part counts as empty."""
    metadata, text, cell_id = (cell.get(part) for part in ("metadata", "source", "id"))
    is_text = isinstance(text, str) or (
        isinstance(text, list) and all(isinstance(line, str) for line in text)
    )
    return {
        **cell,
        "cell_type": cell.get("cell_type"),
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": text if is_text else "",
        **({} if cell_id is None else {"id": str(cell_id)}),
    }


def written(notebook: Notebook) -> str:
    """A notebook as the text of its file, the same for the same notebook."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def source(cell: Cell) -> str:
    """The text of a cell, which nbformat may keep as a list of lines; half a character is lost."""
    return "".join(cell["source"]).encode("utf-8", "replace").decode()


def task_of(cell: Cell) -> str:
    """The task that a cell is the answer to, or ""."""
    return str(cell["metadata"].get("task", ""))


def tasks(notebook: Notebook) -> list[str]:
    """The tasks of a notebook, in their order."""
    return [task for cell in notebook["cells"] if (task := task_of(cell))]


def fresh(solution: Notebook) -> Notebook:
    """The exercise to a solution: stubs for answers, and the outputs that they should lead to.

    The outputs stand once more in a fold below each cell: to run an unsolved page replaces them.
    """
    cells: list[Cell] = []
    for cell in solution["cells"]:
        if cell.get("id", "").endswith(FOLD):  # A hand-out has exercises in the place of solutions.
            continue
        cells.append(fresh_cell(cell))
        if text := expected_text(cell):
            cells.append(fold(f"{cell['id']}{FOLD}", "What it should show", text))
    return {**solution, "cells": cells}


def expected_text(cell: Cell) -> str:
    """What a given cell that is graded shows of a right answer, as text; "" of any other cell."""
    if "promise" not in cell["metadata"]:
        return ""
    parts = []
    for output in cell["outputs"]:
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        parts.append("".join(text).rstrip("\n"))
    return "\n".join(parts)


def fold(cell_id: str, title: str, text: str) -> Cell:
    """A Markdown cell with a text that opens on a click."""
    lines = f"<details><summary>{title}</summary>\n\n````text\n{text}\n````\n</details>"
    return {
        "cell_type": "markdown",
        "id": cell_id,
        "metadata": {},
        "source": lines.splitlines(keepends=True),
    }


def fresh_cell(cell: Cell) -> Cell:
    """A cell as it is in the exercise."""
    if not (task := task_of(cell)):
        return cell
    lines = cell["metadata"]["stub"].splitlines(keepends=True)
    unsolved: Cell = {"execution_count": None, "metadata": {"task": task}, "outputs": []}
    return {**cell, **unsolved, "source": lines}


def was_worked_on(page: Notebook, unsolved: Notebook) -> bool:
    """Whether somebody has answered, run or saved an exercise since it was made.

    Jupyter writes into a notebook which version of Python has run it; we do not.
    """
    stubs = {cell["id"]: cell for cell in unsolved["cells"] if task_of(cell)}
    there = {cell.get("id"): cell for cell in page["cells"] if cell.get("id") in stubs}
    return page.get("metadata") != unsolved["metadata"] or there != stubs


def is_unsolved(cell: Cell, task: str = "") -> bool:
    """Whether the line that says *your turn* still stands in an answer."""
    name = re.escape(task or task_of(cell))
    stub = rf'^\s*raise NotImplementedError\(["\']{name}: your turn["\']\)'
    return re.search(stub, source(cell), re.M) is not None


def joined(learner: Notebook, solution: Notebook) -> list[Step]:
    """What to run: the learner's answers among the given cells of the solution.

    Cells that the learner added run right after an answer if they stand there. Those that stand
    among given cells are moved to before the next answer, where they can be of use and disturb
    nothing that is compared.
    """
    known = {cell.get("id") for cell in solution["cells"] if cell["cell_type"] == "code"}
    answers = answers_in(learner, solution)
    before: dict[str, list[Cell]] = {}
    after: dict[str, list[Cell]] = {}
    waiting: list[Cell] = []
    follows = ""
    for cell in code_cells(learner):
        task = next((task for task, answer in answers.items() if answer is cell), "")
        if task:
            before[task], waiting = waiting, []
            follows = task
        elif cell.get("id") in known:
            follows = ""
        elif follows:
            after.setdefault(follows, []).append(cell)
        else:
            waiting.append(cell)
    return list(steps(solution, answers, before, after))


def steps(
    solution: Notebook,
    answers: dict[str, Cell],
    before: dict[str, list[Cell]],
    after: dict[str, list[Cell]],
) -> Iterator[Step]:
    """The steps, from the solution's cells and what is put in place of, and around its answers."""
    current = ""
    for cell in code_cells(solution):
        task = task_of(cell)
        current = task or current
        if not task:
            yield Step("given", current, cell)
            continue
        yield from (Step("added", task, of_learner(own)) for own in before.get(task, ()))
        if task not in answers:
            yield Step("missing", task, cell)
            continue
        yield Step("answer", task, of_learner(answers[task]))
        yield from (Step("added", task, of_learner(own)) for own in after.get(task, ()))


def of_learner(cell: Cell) -> Cell:
    """What counts of a learner's cell: its text. What was saved with it does not."""
    return {"cell_type": "code", "metadata": {}, "source": source(cell), "outputs": []}


def answers_in(learner: Notebook, solution: Notebook) -> dict[str, Cell]:
    """The learner's answer to each task: the cell of that id, or else of that metadata.

    A copy that is answered counts more than a cell that is not.
    """
    found = {}
    for task_cell in solution["cells"]:
        if task := task_of(task_cell):
            candidates = [
                *(cell for cell in code_cells(learner) if cell.get("id") == task_cell["id"]),
                *(cell for cell in code_cells(learner) if task_of(cell) == task),
            ]
            answered = [cell for cell in candidates if not is_unsolved(cell, task)]
            if candidates:
                found[task] = (answered or candidates)[0]
    return found


def changed(learner: Notebook, solution: Notebook) -> list[str]:
    """What the learner has made of given cells, which is not run."""
    given = {cell["id"]: source(cell) for cell in code_cells(solution) if not task_of(cell)}
    texts = {cell.get("id"): source(cell) for cell in code_cells(learner)}
    return [text for cell_id, text in texts.items() if given.get(cell_id, text) != text]


def code_cells(notebook: Notebook) -> Iterator[Cell]:
    """The cells that can be run."""
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")

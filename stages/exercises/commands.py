"""What `python -m stages` does for learners: progress, fresh exercises, solutions of solved ones.

Each function returns what is printed. Raises Refused when something is not done.
"""

from pathlib import Path

from stages.exercises import notebook, progress
from stages.exercises.calling import grading_python
from stages.exercises.notebook import EXERCISES


class Refused(Exception):
    """What was asked for was not done, or not all of it; the message says why."""


def name_of(number: int) -> str:
    """The exercise of a stage. Raises Refused."""
    for name in all_names():
        if name.startswith(f"{number:02}_"):
            return name
    raise Refused(f"there is no exercise {number}; there are 1 to {len(all_names())}")


def all_names() -> list[str]:
    """All exercises. Raises Refused if there are none."""
    if names := notebook.names():
        return names
    place = notebook.SOLUTIONS
    raise Refused(
        f"there are no exercises here: {place} is empty or not there; unpack the course anew"
    )


def show_progress() -> str:
    """What is solved, what is next, which command grades it. Raises Refused."""
    all_names()
    return progress.overview(EXERCISES, grading_python(notebook.ROOT))


def reset(number: int) -> str:
    """A fresh exercise; what was there is kept beside it."""
    name = name_of(number)
    path = EXERCISES / f"{name}.ipynb"
    rows = [f"{shown(path)} is as it was in the beginning."]
    if path.exists():
        kept = free_name(path)
        path.rename(kept)
        rows.append(f"Your file is now {shown(kept)}.")
    path.write_text(
        notebook.written(notebook.fresh(notebook.reference(name))), encoding="utf-8", newline="\n"
    )
    progress.forget(EXERCISES, name)
    rows.append("If it is open in JupyterLab: File, Reload Notebook from Disk.")
    return "\n".join(rows)


def free_name(path: Path) -> Path:
    """A name beside `path` that no file has yet."""
    number = 1
    while (kept := path.with_stem(f"{path.stem}-kept-{number}")).exists():
        number += 1
    return kept


def solution(number: int, *, anyway: bool) -> str:
    """The answers of the solution, once the exercise is solved. Raises Refused."""
    name = name_of(number)
    cells = [cell for cell in notebook.reference(name)["cells"] if notebook.task_of(cell)]
    if any(notebook.is_unsolved(cell) for cell in cells):
        raise Refused("this copy of the course came without the solutions")
    unsolved = progress.unsolved(EXERCISES, name)
    if unsolved and not anyway:
        tasks = ", ".join(unsolved)
        raise Refused(f"not solved yet: {tasks}. With --anyway you see the solution all the same")
    parts = [f"# {notebook.task_of(cell)}\n\n{notebook.source(cell)}\n" for cell in cells]
    return "\n\n".join([*parts, f"# The whole page: {shown(notebook.SOLUTIONS / name)}.ipynb"])


def shown(path: Path) -> str:
    """A path as short as it can be said."""
    return str(path.relative_to(notebook.ROOT))

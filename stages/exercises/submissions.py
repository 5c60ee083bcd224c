"""Which notebooks of a folder are graded, and whose they are.

A notebook is known by the ids of its cells, whatever its file is called: a lesson has the name of
its exercise, too. Of several by one student the one written last is taken, and this is said.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.exercises import notebook
from stages.exercises.notebook import Notebook

NOT_OF_STUDENTS = "__MACOSX"  # What macOS adds to an archive, as it does hidden `._` files.
COPY = re.compile(r" ?\(\d+\)|-Copy\d*|-kept-\d+")  # From browsers, JupyterLab, and `reset`.
KEPT = "-kept-"


@dataclass(frozen=True)
class Found:
    """A notebook of an exercise; `inside` is its path in the folder.

    If it cannot be read, `page` is None, and `why` says why.
    """

    path: Path
    inside: Path
    exercise: str
    page: Notebook | None
    why: str
    written: float
    worked_on: bool

    def rank(self) -> tuple[bool, bool, bool, float, str]:
        """The higher of two is taken."""
        fresh = KEPT not in self.inside.stem
        return self.page is not None, self.worked_on, fresh, self.written, str(self.inside)


@dataclass(frozen=True)
class Submission:
    """What is graded for a student and an exercise, and what of theirs is not."""

    student: str
    taken: Found
    left: tuple[Found, ...]

    def told(self) -> str:
        """Which of several notebooks was taken, in a line, or ""."""
        if not self.left:
            return ""
        others = ", ".join(readable(str(one.inside)) for one in self.left)
        return f"{self.student}: taken is {readable(str(self.taken.inside))}, not {others}"


def submissions(folder: Path, names: Sequence[str]) -> list[Submission]:
    """What is graded of these exercises, by student and exercise."""
    candidates = [one for one in found(folder) if one.exercise in names]
    made = []
    for student, theirs in students(candidates, folder):
        for name in names:
            of_one = sorted((one for one in theirs if one.exercise == name), key=Found.rank)
            if of_one:
                made.append(Submission(student, of_one[-1], tuple(of_one[:-1])))
    return sorted(made, key=lambda one: (one.student, one.taken.exercise))


def found(folder: Path) -> Iterator[Found]:
    """All notebooks of exercises in a folder, and what has the name of one and cannot be read."""
    marks = {name: Marks(notebook.reference(name)) for name in notebook.names()}
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if is_of_students(one))
        for name in sorted([*folders, *files]):
            if is_of_students(name) and name.lower().endswith(".ipynb"):
                path = Path(place, name)
                one = looked_at(path, path.relative_to(folder), marks)
                if one.exercise:
                    yield one


def is_of_students(name: str) -> bool:
    """Whether a file or folder is neither hidden nor added by a system."""
    return not name.startswith(".") and name != NOT_OF_STUDENTS


class Marks:
    """What an exercise is known by: the ids of its answers, or else its title."""

    def __init__(self, solution: Notebook) -> None:
        answers = [cell for cell in solution["cells"] if notebook.task_of(cell)]
        self.solution = solution
        self.ids = {cell["id"] for cell in answers}
        self.title = notebook.source(solution["cells"][0]).partition("\n")[0]

    def has_ids(self, page: Notebook) -> bool:
        """Whether a page has a cell for an answer."""
        return any(cell.get("id") in self.ids for cell in page["cells"])

    def has_title(self, page: Notebook) -> bool:
        """Whether a page is called so."""
        return any(notebook.source(cell).startswith(self.title) for cell in page["cells"][:2])


def looked_at(path: Path, inside: Path, marks: dict[str, Marks]) -> Found:
    """A notebook; its exercise is "" if it is none, or what a solution is made from."""
    page, why = None, ""
    try:
        written = path.stat().st_mtime
        page = notebook.read(path)
    except notebook.Unreadable as error:
        why = str(error)
    except OSError as error:  # As a link that leads nowhere.
        written, why = 0.0, f"{readable(path.name)} cannot be read: {error.strerror}"
    if page is None:
        return Found(path, inside, notebook.exercise_in(path), None, why, written, worked_on=False)
    by_ids = (name for name, mark in marks.items() if mark.has_ids(page))
    by_title = (name for name, mark in marks.items() if mark.has_title(page))
    exercise = next(by_ids, "") or next(by_title, "")
    if not exercise or any("stub" in cell["metadata"] for cell in page["cells"]):
        return Found(path, inside, "", page, why, written, worked_on=False)
    answers = notebook.answers_in(page, marks[exercise].solution)
    worked_on = any(not notebook.is_unsolved(cell, task) for task, cell in answers.items())
    return Found(path, inside, exercise, page, why, written, worked_on)


def students(candidates: Iterable[Found], folder: Path) -> Iterator[tuple[str, list[Found]]]:
    """Whose the notebooks are: each folder is a student's, and so is each name in a file's name."""
    by_key: dict[str, list[Found]] = {}
    for one in candidates:
        by_key.setdefault(key(one, 0) or folder.resolve().name, []).append(one)
    for name, theirs in by_key.items():
        yield from of_a_folder(readable(name), theirs, 1)


def of_a_folder(name: str, theirs: list[Found], depth: int) -> Iterator[tuple[str, list[Found]]]:
    """Whose the notebooks in a folder are: its student's, or, if it is a group's, those of many.

    In a group's folder, an exercise was worked on in several folders, or under several names.
    """
    parts: dict[str, list[Found]] = {}
    for one in theirs:
        parts.setdefault(key(one, depth), []).append(one)
    exercises = [
        exercise
        for part, of_part in parts.items()
        if part
        for exercise in {one.exercise for one in of_part if one.worked_on or one.page is None}
    ]
    deeper = [
        student
        for part, of_part in parts.items()
        for student in (
            of_a_folder(f"{name}/{readable(part)}", of_part, depth + 1)
            if part
            else [(name, of_part)]
        )
    ]
    is_a_group = len(exercises) > len(set(exercises)) or len(parts) == 1 < len(deeper)
    yield from deeper if is_a_group else [(name, theirs)]


def key(one: Found, depth: int) -> str:
    """The folder that a notebook is in at this depth, or what its file's name says besides."""
    if len(one.inside.parts) - 1 > depth:
        return one.inside.parts[depth]
    if len(one.inside.parts) - 1 < depth:
        return ""
    return COPY.sub("", one.inside.stem.replace(one.exercise, "")).strip(" _-.")


def readable(name: str) -> str:
    """A file's name as a text: of one that is no UTF-8, as of an old Windows, bytes are escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

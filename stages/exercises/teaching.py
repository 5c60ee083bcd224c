"""What `python -m stages` does for teachers: hand out the course, and grade what comes back."""

import csv
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stages.exercises import notebook, progress
from stages.exercises.commands import Refused, all_names, name_of
from stages.exercises.notebook import EXERCISES, ROOT, SOLUTIONS
from stages.exercises.progress import Result

HANDED_OUT = (
    "LICENSE",
    "README.md",
    "constraints.txt",
    "docs",
    "im_final",
    "pyproject.toml",
    "stages",
)
NOT_HANDED_OUT = ("__pycache__", ".ipynb_checkpoints", "teaching.md")
NOT_FOR_STUDENTS = re.compile(r"^## Teach with it, and change it\n.*?(?=^## )", re.M | re.S)
LINK = re.compile(r"\[([^\]\n]+)\]\(([^)#\s]+)[^)]*\)")
OF_ITS_OWN = ("00_welcome", "live_chat")  # Lessons that have no exercise.
COPY = re.compile(r" ?\(\d+\)")  # What a browser adds to the name of a second download.
COLUMNS = ("student", "exercise", "task", "result", "told")
AT_ONCE = 2  # Most of the time that grading takes is waiting.

Submissions = dict[str, dict[str, Path]]  # By student, then by exercise.


def hand_out(folder: Path) -> str:
    """Copy the course without the answers into a new folder. Raises Refused."""
    if folder.exists():
        raise Refused(f"{folder} is there already; name a folder that is not")
    folder.mkdir(parents=True)
    for part in HANDED_OUT:
        if (ROOT / part).is_dir():
            ignore = shutil.ignore_patterns(*NOT_HANDED_OUT)
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        elif (ROOT / part).exists():
            shutil.copy(ROOT / part, folder / part)
    hand_out_notebooks(folder)
    for page in folder.rglob("*.md"):
        text = NOT_FOR_STUDENTS.sub("", page.read_text(encoding="utf-8"))
        page.write_text(without_dead_links(text, page.parent), encoding="utf-8", newline="\n")
    rows = [f"{folder} has the course without the answers, the tests, and the tools."]
    if others := own_notebooks():
        rows.append(f"Not part of the course, and not in it: {', '.join(others)}.")
    return "\n".join(rows)


def hand_out_notebooks(folder: Path) -> None:
    """The lessons, fresh exercises, and in place of each solution what it must show."""
    for place in (EXERCISES, SOLUTIONS):
        target = folder / place.relative_to(ROOT)
        target.mkdir(parents=True)
        shutil.copy(place / "conftest.py", target)
    for name in (*OF_ITS_OWN, *notebook.names()):
        shutil.copy(EXERCISES.parent / f"{name}.ipynb", folder / "notebooks")
    for name in notebook.names():
        unsolved = notebook.fresh(notebook.reference(name))
        for place, made in ((EXERCISES, unsolved), (SOLUTIONS, with_stubs(unsolved))):
            path = folder / place.relative_to(ROOT) / f"{name}.ipynb"
            path.write_text(notebook.written(made), encoding="utf-8", newline="\n")


def own_notebooks() -> list[str]:
    """What a teacher has put among the notebooks, and those that `reset` has kept."""
    course = {*OF_ITS_OWN, *notebook.names()}
    paths = [*EXERCISES.parent.glob("*.ipynb"), *EXERCISES.glob("*.ipynb")]
    return sorted(str(path.relative_to(ROOT)) for path in paths if path.stem not in course)


def without_dead_links(text: str, folder: Path) -> str:
    """A page in this folder, in which what leads nowhere is no link."""

    def checked(link: re.Match[str]) -> str:
        leads = link[2].startswith("http") or (folder / link[2]).exists()
        return link[0] if leads else link[1]

    return LINK.sub(checked, text)


def with_stubs(unsolved: notebook.Notebook) -> notebook.Notebook:
    """An exercise as a reference, from which a fresh one can be made again."""
    cells = [
        {**cell, "metadata": {**cell["metadata"], "stub": notebook.source(cell)}}
        if notebook.task_of(cell)
        else cell
        for cell in unsolved["cells"]
    ]
    return {**unsolved, "cells": cells}


def grade(folder: Path, table: Path, numbers: Sequence[int]) -> str:
    """Grade all submissions in a folder into a CSV table. Raises Refused.

    A submission is a notebook with the name of an exercise in its own, in a folder named after the
    student, or with the student's name before or after that of the exercise.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder")
    names = [name_of(number) for number in numbers] or all_names()
    found = submissions(folder, names)
    if not found:
        raise Refused(f"there is no notebook in {folder} that has the name of an exercise")
    graded = run(found)
    with table.open("w", encoding="utf-8-sig", newline="") as file:  # So that Excel reads it.
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(found, graded, names))
    handed_in = sum(len(by_name) for by_name in found.values())
    return f"{handed_in} submissions of {len(found)} students are graded in {table}."


def submissions(folder: Path, names: Sequence[str]) -> Submissions:
    """The notebooks to grade; of several by one student, the one that was written last."""
    found: Submissions = {}
    paths = [path for path in folder.rglob("*.ipynb") if is_submission(path.relative_to(folder))]
    for path in sorted(paths, key=lambda path: path.stat().st_mtime):
        name = notebook.exercise_in(path)
        if name in names:
            found.setdefault(student(path, folder, name), {})[name] = path
    return dict(sorted(found.items()))


def is_submission(path: Path) -> bool:
    """Whether a file is neither a checkpoint nor one that `reset` has kept."""
    return ".ipynb_checkpoints" not in path.parts and "-kept-" not in path.stem


def student(path: Path, folder: Path, name: str) -> str:
    """Whose submission it is: the folder that it is in, or what else its name says."""
    inside = path.relative_to(folder)
    if len(inside.parts) > 1:
        return inside.parts[0]
    rest = COPY.sub("", path.stem.replace(name, ""))
    return rest.strip(" _-.") or folder.resolve().name


def run(found: Submissions) -> dict[tuple[str, str], Mapping[str, Result]]:
    """The results by student and exercise; each submission is run in a folder of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        places: dict[tuple[str, str], Path] = {}
        for student_name, by_name in found.items():
            for name, path in by_name.items():
                place = Path(temporary).resolve() / str(len(places))
                place.mkdir()
                shutil.copy(path, place / f"{name}.ipynb")
                places[student_name, name] = place
        paths = [str(place / f"{name}.ipynb") for (_, name), place in places.items()]
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--no-summary", "--nbval"]
        command += ["-c", str(ROOT / "pyproject.toml"), "-p", "stages.exercises.grader"]
        running = [
            subprocess.Popen([*command, *paths[turn::AT_ONCE]], cwd=ROOT, stdout=sys.stderr)
            for turn in range(min(AT_ONCE, len(paths)))
        ]
        for process in running:
            process.wait()
        return {
            (student_name, name): progress.load(place).get(name, {})
            for (student_name, name), place in places.items()
        }


def rows(
    found: Submissions,
    graded: Mapping[tuple[str, str], Mapping[str, Result]],
    names: Sequence[str],
) -> Iterator[tuple[str, ...]]:
    """A row for each student and task."""
    for student_name in found:
        for name in names:
            results = graded.get((student_name, name))
            for task in notebook.tasks(notebook.reference(name)):
                if results is None:
                    yield student_name, name, task, "not handed in", ""
                elif task in results:
                    yield student_name, name, task, results[task].result, results[task].in_a_line()
                else:
                    yield student_name, name, task, "not graded", "the grading did not get this far"

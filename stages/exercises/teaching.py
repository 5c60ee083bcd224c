"""`python -m stages hand-out`: the course without the answers, for students."""

import re
import shutil
from pathlib import Path

from stages.exercises import notebook
from stages.exercises.commands import Refused
from stages.exercises.notebook import EXERCISES, ROOT, SOLUTIONS

HANDED_OUT = (
    "LICENSE",
    "README.md",
    "constraints.txt",
    "docs",
    "im_final",
    "jupyter_config.py",
    "pyproject.toml",
    "stages",
)
NOT_HANDED_OUT = ("__pycache__", ".ipynb_checkpoints", "teaching.md")
NOT_FOR_STUDENTS = re.compile(r"^## Teach with it, and change it\n.*?(?=^## )", re.M | re.S)
LINK = re.compile(r"\[([^\]\n]+)\]\(([^)#\s]+)[^)]*\)")
OF_ITS_OWN = ("00_welcome", "09_im_final", "live_chat")  # Lessons that have no exercise.


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
    lessons = [f"{name}.ipynb" for name in (*OF_ITS_OWN, *notebook.names())]
    for name in lessons:
        shutil.copy(EXERCISES.parent / name, folder / "notebooks")
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

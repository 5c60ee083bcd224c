"""Write the exercises and their solutions from one source for each notebook.

    python tools/build_exercises.py [--check [--unrun]] [NAME ...]

A source, `notebooks/solutions/sources/05_who.py`, is a notebook in percent format. A cell that has
a `task` is what the learner writes; its solution stands between `### BEGIN SOLUTION` and
`### END SOLUTION`. A cell that shows what an answer does has a `promise`, which says it in words.
The solution is run and saved as `notebooks/solutions/05_who.ipynb`, and from it the exercise is
made: a stub stands in place of each solution, and the other cells have the outputs that the
solution gave, for a learner to see what is expected. With --check nothing is
written, and the exit status is 1 if a notebook is not that of its source, to the byte; with --unrun
nothing is run either, and the outputs are taken for right.

An exercise on which somebody has worked has their answers, cells and outputs in it. Of such a one
only the given cells are compared, and it is not written.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient.exceptions import CellExecutionError
from renew_notebooks import execute, normalised, text

from stages.exercises import notebook as exercise

ROOT = Path(__file__).parents[1]
SOURCES = exercise.SOLUTIONS / "sources"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n?", re.M | re.S)


def read(source: Path) -> Any:
    """A source as a solved notebook that was not run; a task has the id of its name."""
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    prefix = source.stem[:2]
    for number, cell in enumerate(notebook.cells, 1):
        task = cell.metadata.get("task")
        cell.id = f"{prefix}-{task or f'{number:02}'}"
        if task:
            stub = rf'\1raise NotImplementedError("{task}: your turn")' + "\n"
            cell.metadata = {"task": task, "stub": SOLUTION.sub(stub, cell.source + "\n").rstrip()}
            cell.source = SOLUTION.sub(r"\2", cell.source + "\n").rstrip("\n")
    return notebook


def as_file(notebook: Any, name: str) -> str:
    """A solution in the form that is committed."""
    kept = [dict(cell.metadata) for cell in notebook.cells]
    notebook = normalised(notebook, name)
    for cell, metadata in zip(notebook.cells, kept, strict=True):
        cell.metadata = {
            key: metadata[key] for key in ("promise", "stub", "task") if key in metadata
        }
    return text(notebook)


def as_run_before(notebook: Any, path: Path) -> Any:
    """The notebook with the outputs that its cells have in a file."""
    before = {}
    if path.exists():
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        before = {cell["id"]: cell for cell in cells if cell["cell_type"] == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id in before:
            cell.outputs = nbformat.from_dict(before[cell.id]["outputs"])
            cell.execution_count = before[cell.id]["execution_count"]
    return notebook


def built(source: Path, *, run: bool) -> dict[Path, str]:
    """The pair of a source, as text for its files. Raises CellExecutionError."""
    notebook = read(source)
    path = exercise.SOLUTIONS / f"{source.stem}.ipynb"
    done = execute(notebook, exercise.SOLUTIONS) if run else as_run_before(notebook, path)
    solution = as_file(done, source.stem)
    unsolved = exercise.written(exercise.fresh(json.loads(solution)))
    return {path: solution, exercise.EXERCISES / path.name: unsolved}


def is_as_made(target: Path, made: str) -> bool:
    """Whether a file is what was made for it; in one with a learner's work, all that is given."""
    if target.exists() and target.read_text(encoding="utf-8") == made:
        return True
    if target.parent != exercise.EXERCISES:
        return False
    try:
        there, fresh = exercise.read(target), json.loads(made)
    except exercise.Unreadable:
        return False
    return exercise.was_worked_on(there, fresh) and given(there, fresh) == given(fresh, fresh)


def given(notebook: exercise.Notebook, fresh: exercise.Notebook) -> list[tuple[str, str]]:
    """The given cells of an exercise, texts and code, by their ids."""
    known = {cell["id"] for cell in fresh["cells"] if not exercise.task_of(cell)}
    cells = ((cell.get("id", ""), exercise.source(cell)) for cell in notebook["cells"])
    return [(cell_id, text) for cell_id, text in cells if cell_id in known]


def build(source: Path, *, check: bool, run: bool) -> bool:
    """Build one pair; whether something changed. Raises CellExecutionError."""
    changed = False
    for target, made in built(source, run=run).items():
        if not is_as_made(target, made):
            changed = True
            print(f"{target.relative_to(ROOT)}: {'would change' if check else 'written'}")
            if not check:
                target.write_text(made, encoding="utf-8", newline="\n")
    return changed


def main(argv: Sequence[str] | None = None) -> int:
    """Build the exercises that are named, as `05_who`, or all."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--unrun", action="store_true", help="with --check: take outputs for right")
    options = parser.parse_args(argv)
    if options.unrun and not options.check:
        parser.error("--unrun is for --check")
    sources = sorted(SOURCES.glob("*.py"))
    if unknown := set(options.names) - {source.stem for source in sources}:
        parser.error(f"there is no source {sorted(unknown)[0]!r}")
    changed = 0
    for source in sources:
        if options.names and source.stem not in options.names:
            continue
        try:
            changed += build(source, check=options.check, run=not options.unrun)
        except CellExecutionError as error:
            print(f"{source.name}: a cell failed\n{error}", file=sys.stderr)
            return 2
    return int(options.check and changed > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Write the exercises and their solutions from one source for each notebook.

    python tools/build_exercises.py [--check] [NAME ...]

A source, `notebooks/solutions/sources/05_who.py`, is a notebook in percent format. A cell that has
a `task` is what the learner writes; its solution stands between `### BEGIN SOLUTION` and
`### END SOLUTION`. A cell that shows what an answer does has a `promise`, which says it in words.
The solution is run and saved as `notebooks/solutions/05_who.ipynb`, and from it the exercise is made: a stub stands in place of each solution, and the other cells have the outputs
that the solution gave, for a learner to see what is expected. With --check nothing is run and
nothing is written, and the exit status is 1 if a notebook is not that of its source.
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


def build(source: Path, *, check: bool) -> bool:
    """Build one pair; whether something changed. Raises CellExecutionError."""
    name = source.stem
    notebook = read(source)
    path = exercise.SOLUTIONS / f"{name}.ipynb"
    run = as_run_before(notebook, path) if check else execute(notebook, exercise.SOLUTIONS)
    solution = as_file(run, name)
    unsolved = exercise.written(exercise.fresh(json.loads(solution)))
    changed = False
    for made, target in ((solution, path), (unsolved, exercise.EXERCISES / path.name)):
        if not target.exists() or target.read_text(encoding="utf-8") != made:
            changed = True
            print(f"{target.relative_to(ROOT)}: {'would change' if check else 'written'}")
            if not check:
                target.write_text(made, encoding="utf-8", newline="\n")
    return changed


def main(argv: Sequence[str] | None = None) -> int:
    """Build the exercises that are named, as `05_who`, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(argv)
    sources = sorted(SOURCES.glob("*.py"))
    if unknown := set(options.names) - {source.stem for source in sources}:
        parser.error(f"there is no source {sorted(unknown)[0]!r}")
    changed = 0
    for source in sources:
        if options.names and source.stem not in options.names:
            continue
        try:
            changed += build(source, check=options.check)
        except CellExecutionError as error:
            print(f"{source.name}: a cell failed\n{error}", file=sys.stderr)
            return 2
    return int(options.check and changed > 0)


if __name__ == "__main__":
    sys.exit(main())

"""Run the notebooks of the course, show what would change, and write them in one form.

    python tools/renew_notebooks.py [--check] [NOTEBOOK ...]

Edit a notebook in JupyterLab, or in any other way, then renew it: it is run from top to bottom in a
fresh kernel, and saved with counts from 1, stable cell ids, and nothing of the machine or the time.
The differences are shown as text, code and outputs alike. With --check nothing is written, and the
exit status is 1 if something would change. What a cell tagged nbval-ignore-output shows is
measured, another number on every run: that alone is no change.
"""

import argparse
import copy
import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
CELL_TIMEOUT = 30  # Seconds; as pytest has it.
MEASURED = "nbval-ignore-output"
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path) -> NotebookNode:
    """The notebook after all its cells were run. Raises CellExecutionError."""
    return normalised(execute(nbformat.read(path, as_version=4), path.parent), path.stem)


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run all cells in a fresh kernel in `folder`. Raises CellExecutionError."""
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return notebook


def normalised(notebook: NotebookNode, name: str) -> NotebookNode:
    """The same notebook in the form that is committed."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken = {cell.get("id") for cell in notebook.cells}
    for number, cell in enumerate(notebook.cells, 1):
        if not is_stable(cell.get("id", ""), name):
            cell.id = free_id(name, number, taken)
            taken.add(cell.id)
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
            output.get("data", {}).pop(WIDGET, None)  # It names an object that is gone.
    return notebook


def is_stable(cell_id: str, name: str) -> bool:
    """Whether an id was given here."""
    return cell_id.startswith(f"{name[:2]}-")


def free_id(name: str, number: int, taken: set[str]) -> str:
    """An id for the cell at this place, which no other cell has; it stays when cells move."""
    wanted = f"{name[:2]}-{number:02}"
    letters = ["", *"abcdefghijklmnopqrstuvwxyz"]
    return next(wanted + letter for letter in letters if wanted + letter not in taken)


def text(notebook: NotebookNode) -> str:
    """A notebook as it is written to its file."""
    return nbformat.writes(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def as_measured_before(new: NotebookNode, old: str) -> NotebookNode:
    """The new notebook, but its measuring cells show what they showed in the old one."""
    same = copy.deepcopy(new)
    before = {cell.id: cell for cell in nbformat.reads(old, as_version=4).cells} if old else {}
    for cell in same.cells:
        if MEASURED in cell.metadata.get("tags", []) and before.get(cell.id, {}).get("outputs"):
            cell.outputs = before[cell.id].outputs
    return same


def readable(written: str) -> list[str]:
    """What people want to see of a difference: ids, texts, code, outputs; line by line."""
    if not written:
        return []
    lines = []
    for cell in nbformat.reads(written, as_version=4).cells:
        lines += [f"[{cell.id}] {cell.cell_type}", *cell.source.split("\n")]
        for output in cell.get("outputs", []):
            shown = output.get("text") or output.get("data", {}).get("text/plain", "")
            lines += [f"> {line}" for line in shown.split("\n")]
    return lines


def renew(path: Path, *, write: bool) -> bool:
    """Run a notebook, show what changed, write it if told to; whether something changed."""
    old = path.read_text(encoding="utf-8")
    done = run(path)
    new = text(as_measured_before(done, old))
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    difference = difflib.unified_diff(readable(old), readable(new), name, "renewed", lineterm="")
    for line in difference:
        print(line)
    if new == old:
        print(f"{name}: no change", flush=True)
    elif write:
        path.write_text(text(done), encoding="utf-8", newline="\n")
        print(f"{name}: written", flush=True)
    else:
        print(f"{name}: would change", flush=True)
    return new != old


def main(argv: Sequence[str] | None = None) -> int:
    """Renew the notebooks that are named, or all of the course."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    options = parser.parse_args(argv)
    paths = [path.resolve() for path in options.notebooks] or sorted(NOTEBOOKS.glob("*.ipynb"))
    changed = 0
    for path in paths:
        try:
            changed += renew(path, write=not options.check)
        except FileNotFoundError:
            print(f"{path}: there is no such notebook", file=sys.stderr)
            return 2
        except CellExecutionError as error:
            print(f"{path.name}: a cell failed\n{error}", file=sys.stderr)
            return 2
    return int(options.check and changed > 0)


if __name__ == "__main__":
    sys.exit(main())

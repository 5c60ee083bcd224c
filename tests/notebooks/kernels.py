"""Notebooks run from tests: read, changed for a purpose, executed in a kernel of their own."""

import asyncio
import copy
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

AT_ONCE = 2  # Most of their time is waiting.
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
LESSONS = sorted(FOLDER.glob("0[1-8]_*.ipynb"))
ALL = sorted(FOLDER.glob("*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
MEASURED = "nbval-ignore-output"  # The tag of cells that show what is another number every time.


def code_cells(path: Path) -> list[Any]:
    """The code cells of a notebook, with their saved outputs."""
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(cells: list[Any]) -> list[Any]:
    """Run copies of these cells in a fresh kernel, errors included; returns them with outputs."""
    copies = [copy.deepcopy(cell) for cell in cells]
    for number, cell in enumerate(copies):
        cell.id = f"cell-{number}"
    notebook = nbformat.v4.new_notebook(cells=copies)
    client = NotebookClient(
        notebook,
        timeout=30,
        kernel_name="python3",
        allow_errors=True,
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    asyncio.run(client.async_execute())  # `execute` leaves an event loop open.
    done: list[Any] = notebook.cells
    return done


def run_each(stories: dict[Any, list[Any]]) -> Iterator[dict[Any, Future[list[Any]]]]:
    """Run the cells of several stories, AT_ONCE at a time; the results are there when asked for."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {key: pool.submit(run, cells) for key, cells in stories.items()}


def new_cell(source: str) -> Any:
    """A cell with this code."""
    return nbformat.v4.new_code_cell(source)


def shown(cell: Any) -> list[str]:
    """What a cell shows, as text; of what it has measured, whether there is something."""
    if MEASURED in cell.metadata.get("tags", []):
        return ["measured"] if cell.outputs else []
    texts = []
    for output in cell.outputs:
        if output.output_type == "error":
            texts.append(f"{output.ename}: {output.evalue}")
        else:
            texts.append(output.get("text") or output.data["text/plain"])
    return texts


def errors(cells: list[Any]) -> list[str]:
    """The names of the exceptions that cells ended with."""
    return [
        output.ename for cell in cells for output in cell.outputs if output.output_type == "error"
    ]

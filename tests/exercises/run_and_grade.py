"""Run notebooks as JupyterLab does and save them, whatever fails; then grade these and others.

    python tests/exercises/run_and_grade.py COUNT NOTEBOOK ...

The first COUNT notebooks are run and saved before all are graded.
"""

import asyncio
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from stages.exercises.kernels import kernels_apart


def run_and_save(path: str) -> None:
    """Run all cells and write the notebook with what they gave."""
    notebook = nbformat.read(path, as_version=4)
    # JupyterLab waits for a cell as long as it takes; how long a story may take, its caller says.
    client = NotebookClient(notebook, timeout=None, kernel_name="python3", allow_errors=True)
    asyncio.run(client.async_execute())
    nbformat.write(notebook, path)


if __name__ == "__main__":
    kernels_apart()
    count = int(sys.argv[1])
    paths = sys.argv[2:]
    for path in paths[:count]:
        run_and_save(path)
    sys.exit(
        pytest.main(
            [
                "-q",
                "--durations=25",
                *("-c", "pyproject.toml", "-p", "no:hypothesispytest"),
                *("-p", "no:cacheprovider"),
                *paths[count:],
            ]
        )
    )

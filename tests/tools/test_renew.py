"""The command that renews the notebooks: what it shows, what it writes, and when it refuses."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook as JupyterLab might have saved it: of another machine, run in another order."""
    code = nbformat.v4.new_code_cell("1 + 1", id="b1946ac9", execution_count=7)
    times = {"iopub.execute_input": "2000-01-01T00:00:00Z"}
    code.metadata = nbformat.from_dict({"tags": ["naive"], "execution": times, "trusted": True})
    code.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3"})]
    cells = [nbformat.v4.new_markdown_cell("# Title", id="05-01"), code]
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata = nbformat.from_dict({"language_info": {"name": "python", "version": "3.99"}})
    path = tmp_path / "05_made.ipynb"
    nbformat.write(made, path)
    return path


def renew(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "renew_notebooks.py", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_it_shows_what_changes_and_writes_it_in_one_form(notebook: Path) -> None:
    done = renew(notebook)
    assert done.returncode == 0
    assert "-> 3\n+> 2\n" in done.stdout
    assert done.stdout.endswith("05_made.ipynb: written\n")
    written = nbformat.read(notebook, as_version=4)
    title, code = written.cells
    assert (title.id, code.id) == ("05-01", "05-02")
    assert code.execution_count == 1
    assert code.metadata == {"tags": ["naive"]}
    assert written.metadata.language_info == {"name": "python"}
    assert code.outputs[0].data["text/plain"] == "2"
    again = renew(notebook)
    assert again.stdout == "05_made.ipynb: no change\n"


def test_what_is_measured_may_differ_and_what_follows_from_it_may_not(notebook: Path) -> None:
    made = nbformat.read(notebook, as_version=4)
    code = made.cells[1]
    code.source = "import time\ntime.perf_counter()"
    code.metadata = nbformat.from_dict({"tags": ["nbval-ignore-output"]})
    nbformat.write(made, notebook)
    renew(notebook)
    before = notebook.read_bytes()
    assert renew(notebook).stdout == "05_made.ipynb: no change\n"
    assert notebook.read_bytes() == before
    made = nbformat.read(notebook, as_version=4)
    made.cells[1].source += " > 0"
    made.cells[1].metadata = nbformat.from_dict({})
    nbformat.write(made, notebook)
    assert "+> True\n" in renew(notebook).stdout


def test_with_check_it_writes_nothing(notebook: Path) -> None:
    before = notebook.read_bytes()
    done = renew("--check", notebook)
    assert done.returncode == 1
    assert done.stdout.endswith("05_made.ipynb: would change\n")
    assert notebook.read_bytes() == before


def test_a_cell_that_fails_is_told_and_nothing_is_written(notebook: Path) -> None:
    notebook.write_text(notebook.read_text().replace("1 + 1", "1 / 0"))
    before = notebook.read_bytes()
    done = renew(notebook)
    assert done.returncode == 2
    assert "05_made.ipynb: a cell failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert notebook.read_bytes() == before


def test_a_notebook_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = renew(tmp_path / "09_none.ipynb")
    assert done.returncode == 2
    assert done.stderr.endswith("09_none.ipynb: there is no such notebook\n")

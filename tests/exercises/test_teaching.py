"""The course is handed out without its answers."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages import __main__ as command_line
from stages.exercises import notebook, teaching
from tests.exercises.learners import Learner

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(200)


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course as learners get it."""
    folder = tmp_path_factory.mktemp("hand-out") / "course"
    assert command_line.main(["hand-out", str(folder)]) == 0
    return folder


def test_it_has_no_answer_in_it(handed_out: Path) -> None:
    pages = {path.relative_to(handed_out).parent: path for path in handed_out.rglob("*.ipynb")}
    folders = [Path("notebooks"), Path("notebooks", "exercises"), Path("notebooks", "solutions")]
    assert sorted(pages) == folders
    for name in notebook.names():
        stubs = [
            (cell["id"], cell["metadata"]["stub"])
            for cell in notebook.reference(name)["cells"]
            if notebook.task_of(cell)
        ]
        for folder in folders[1:]:
            page = notebook.read(handed_out / folder / f"{name}.ipynb")
            found = [cell for cell in page["cells"] if notebook.task_of(cell)]
            assert [(cell["id"], notebook.source(cell)) for cell in found] == stubs
            assert all(notebook.is_unsolved(cell) for cell in found)


def test_nor_tests_nor_tools_nor_what_the_teacher_did(handed_out: Path) -> None:
    parts = {part for path in handed_out.rglob("*") for part in path.relative_to(handed_out).parts}
    assert not parts & {"tests", "tools", "sources", "progress.json", ".venv", "__pycache__"}
    assert parts >= {"README.md", "pyproject.toml", "constraints.txt", "stages", "00_welcome.ipynb"}


def test_its_pages_name_nothing_that_is_not_in_it(handed_out: Path) -> None:
    readme = (handed_out / "README.md").read_text(encoding="utf-8")
    assert "## Exercises" in readme.replace("###", "##")
    assert "## License" in readme
    for missing in ("tests", "tools/", "teaching", "pytest -n", '"[test]"'):
        assert missing not in readme
    pages = [*handed_out.rglob("*.md"), *handed_out.rglob("*.ipynb")]
    assert len(pages) > 20
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


def test_what_else_lies_among_the_notebooks_stays_there_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    for name in ("05_who-Copy1", "exercises/05_who-kept-1", "exercises/Untitled"):
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text("my notes", encoding="utf-8")
    (tmp_path / "notebooks" / "exercises" / "progress.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(teaching, "ROOT", tmp_path)
    monkeypatch.setattr(teaching, "EXERCISES", tmp_path / "notebooks" / "exercises")
    monkeypatch.setattr(teaching, "SOLUTIONS", tmp_path / "notebooks" / "solutions")
    assert command_line.main(["hand-out", str(tmp_path / "copy")]) == 0
    said = capsys.readouterr().out.splitlines()[1]
    for name in ("05_who-Copy1.ipynb", "05_who-kept-1.ipynb", "Untitled.ipynb"):
        assert name in said
        assert not list((tmp_path / "copy").rglob(name))
    assert not list((tmp_path / "copy").rglob("progress.json"))


def in_the_copy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def test_exercises_are_graded_in_it_and_can_be_reset(handed_out: Path) -> None:
    path = handed_out / "notebooks" / "exercises" / "01_basic_server.ipynb"
    fresh = path.read_bytes()
    assert fresh == notebook.written(notebook.fresh(notebook.reference(path.stem))).encode()
    learner = Learner(handed_out.parent / "learner", path.stem)
    learner.tasks["echo"]["source"] = learner.right["01-echo"]["source"]
    learner.save()
    shutil.copy(learner.path, path)
    done = in_the_copy(handed_out, "-m", "pytest", "--nbval", str(path))
    assert "✗ server      Not solved yet: server\n✓ echo\n" in done.stdout
    done = in_the_copy(handed_out, "-m", "stages", "reset", "1")
    assert (done.returncode, path.read_bytes()) == (0, fresh)


def test_the_solutions_are_said_not_to_be_there(handed_out: Path) -> None:
    done = in_the_copy(handed_out, "-m", "stages", "solution", "1", "--anyway")
    assert (done.returncode, done.stderr) == (
        1,
        "this copy of the course came without the solutions\n",
    )


def test_what_says_what_to_show_is_not_run_there(handed_out: Path) -> None:
    done = in_the_copy(handed_out, "-m", "pytest", "-q", "--collect-only", "notebooks")
    assert "notebooks/01_basic_server.ipynb" in done.stdout
    assert "solutions" not in done.stdout


def test_nothing_is_handed_out_over_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["hand-out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (f"{tmp_path} is there already; name a folder that is not\n")

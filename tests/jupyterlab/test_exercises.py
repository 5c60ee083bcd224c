"""A learner in JupyterLab opens an exercise, solves a task, saves, grades, sees what is next."""

import sys
from pathlib import Path

import pytest

from stages.exercises import notebook, progress, teaching
from tests.jupyterlab.conftest import Lab

NAME = "01_basic_server"
PATH = f"notebooks/exercises/{NAME}.ipynb"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as it is handed out."""
    folder = tmp_path_factory.mktemp("learner") / "course"
    teaching.hand_out(folder)
    return folder


def test_a_task_is_solved_saved_graded_and_the_next_one_named(lab: Lab, course: Path) -> None:
    lab.open(PATH)
    solution = notebook.reference(NAME)
    answer = next(cell for cell in solution["cells"] if notebook.task_of(cell) == "server")
    lab.write_into("server: your turn", notebook.source(answer))
    lab.run_all()
    lab.save()
    saved = {cell["id"]: cell for cell in notebook.read(course / PATH)["cells"]}
    assert notebook.source(saved[answer["id"]]) == notebook.source(answer)
    assert saved["01-06"]["outputs"]
    lab.in_a_terminal(f"{sys.executable} -m pytest --nbval {PATH}", "What is next: ")
    results = progress.load((course / PATH).parent)[NAME]
    assert results["server"] == progress.Result("solved")
    assert results["echo"].result == "not solved yet"
    lab.in_a_terminal(f"{sys.executable} -m stages progress", f"Next: echo, in {PATH}")

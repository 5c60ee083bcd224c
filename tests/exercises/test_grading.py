"""A grade can be trusted: nothing that is saved counts, and no task suffers from another."""

import asyncio
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from stages.exercises import notebook, progress, running, told
from stages.exercises.calling import this_python
from stages.exercises.kernels import Kernel, Ran, kernels_apart
from stages.exercises.progress import Result
from stages.exercises.running import Page
from tests.exercises.answers import wrong_answers
from tests.exercises.learners import (
    ROOT,
    Learner,
    cell,
    grade,
    grade_file,
    own_cell,
    solved_in_ones_own_way,
)

every_exercise = pytest.mark.parametrize("exercise", notebook.names())
kernels_apart()


@every_exercise
def test_unsolved_it_is_told_to_be_so(exercise: str, tmp_path: Path) -> None:
    page = Learner(tmp_path / "learner", exercise).page
    for task, result in running.grade(page, exercise, tmp_path).items():
        assert (result.result, result.in_a_line()) == ("not solved yet", f"Not solved yet: {task}")


@every_exercise
def test_solved_it_passes_with_prints_and_cells_of_ones_own(exercise: str, tmp_path: Path) -> None:
    learner = Learner(tmp_path / "learner", exercise)
    solved_in_ones_own_way(learner)
    results = running.grade(learner.page, exercise, tmp_path)
    assert results == dict.fromkeys(learner.tasks, Result("solved"))


# What is saved, and what is broken.


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    """Somebody who has solved the exercises of stage 1."""
    made = Learner(tmp_path / "learner", "01_basic_server")
    made.solve()
    return made


def graded(learner: Learner, cell: float = running.CELL) -> dict[str, Result]:
    """How each task of a page went."""
    with Page(learner.page, learner.path.stem, learner.path.parent, cell) as page:
        return {task: page.grade(task) for task in page.tasks}


ALL_SOLVED = {"server": Result("solved"), "echo": Result("solved")}


def as_run_and_saved(page: notebook.Notebook) -> notebook.Notebook:
    """A page after all its cells were run, whatever fails, as JupyterLab saves it."""
    made = nbformat.reads(notebook.written(page), as_version=4)
    client = NotebookClient(made, timeout=60, kernel_name="python3", allow_errors=True)
    asyncio.run(client.async_execute())
    return dict(notebook.json.loads(nbformat.writes(made)))


def test_a_wrong_answer_that_was_run_and_saved_is_wrong_all_the_same(learner: Learner) -> None:
    wrong = wrong_answers("01_basic_server", "echo")[1]
    learner.tasks["echo"]["source"] = wrong.source
    unsaved = graded(learner)
    learner.page = as_run_and_saved(learner.page)
    assert any(one["execution_count"] for one in notebook.code_cells(learner.page))
    assert graded(learner) == unsaved
    assert unsaved["echo"].in_a_line() == wrong.told


def test_what_jupyterlab_saves_of_a_running_cell_does_not_count(learner: Learner) -> None:
    output = {"name": "stdout", "output_type": "stream", "text": ["so far\n"]}
    learner.add("01-server", "print('so far')")
    for one in notebook.code_cells(learner.page):
        one["outputs"], one["execution_count"] = [output], None
    assert graded(learner) == ALL_SOLVED


@pytest.mark.parametrize("part", ["outputs", "execution_count", "metadata"])
def test_nor_does_what_is_missing(learner: Learner, part: str) -> None:
    for one in learner.page["cells"]:
        one.pop(part, None)
    learner.page.pop("metadata")
    learner.save()
    assert running.grade(notebook.read(learner.path), "01_basic_server", learner.path.parent) == (
        ALL_SOLVED
    )


@pytest.mark.parametrize(
    "malformed",
    [
        {"cell_type": "code", "id": "x", "metadata": {}, "source": None},
        {"cell_type": "code", "id": "x", "metadata": None, "source": ""},
        {"cell_type": "code", "id": ["x"], "metadata": {}, "source": ["1", 2]},
        {"cell_type": "code", "id": "x", "metadata": {"task": ["echo"]}, "source": "'\ud800'"},
        {"cell_type": None},
        {},
        None,
    ],
)
def test_a_malformed_cell_costs_nothing(learner: Learner, malformed: object) -> None:
    learner.page["cells"].insert(0, malformed)
    text = notebook.json.dumps(learner.page)
    learner.path.write_text(text, encoding="utf-8")
    page = notebook.read(learner.path)
    assert running.grade(page, "01_basic_server", learner.path.parent) == ALL_SOLVED


def test_a_byte_order_mark_costs_nothing(learner: Learner) -> None:
    learner.save()
    learner.path.write_text(learner.path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert notebook.read(learner.path) == learner.page


def test_what_is_no_notebook_any_more_is_not_graded(learner: Learner) -> None:
    learner.save()
    learner.path.write_text("{", encoding="utf-8")
    printed = grade_file(learner.path)
    assert "\nNot graded: 01_basic_server.ipynb is no notebook any more" in printed
    assert f"`{this_python()} -m stages reset 1`" in printed
    results = progress.load(learner.path.parent)["01_basic_server"]
    assert {result.result for result in results.values()} == {"not graded"}


def test_a_mistake_of_ours_is_told_as_such_for_its_task_alone(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Kernel.run

    def fails_at_echo(kernel: Kernel, source: str, seconds: float) -> Ran:
        if "class Echo" in source:
            raise ZeroDivisionError("ours")
        return run(kernel, source, seconds)

    monkeypatch.setattr(Kernel, "run", fails_at_echo)
    results = graded(learner)
    assert results["server"].result == "solved"
    assert results["echo"] == Result("not graded", "Not graded: ZeroDivisionError: ours")


# No task suffers from another.


HARM = {
    "exit()": "Your code ended the program that runs the cells: it called `exit()`",
    "import os\nos._exit(3)": "Your code ended the program that runs the cells: with status 3",
    "import os\nos.abort()": "Your code ended the program that runs the cells: by the signal ",
    "while True:\n    pass": "No end after 1 s: ",
    "import time\nwhile True:\n    try:\n        time.sleep(1)\n"
    "    except KeyboardInterrupt:\n        pass": "No end after 1 s: ",
    "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass": (
        "No end after 1 s: "
    ),
    "raise ValueError('\\ud800')": "Your code raised an error: UnicodeEncodeError: ",
    "raise ValueError": "Your code raised an error: ValueError\n",
    "import sys\nsys.exit()": "Your code raised an error: SystemExit\n",
}


@pytest.mark.parametrize("harm", HARM)
def test_the_next_task_is_solved_whatever_ended_the_one_before(learner: Learner, harm: str) -> None:
    learner.tasks["server"]["source"] = [*learner.tasks["server"]["source"], "\n", harm]
    ends = not HARM[harm].startswith("No end")
    results = graded(learner, cell=20 if ends else 1)
    assert results["echo"] == Result("solved")
    assert results["server"].result == "not right yet"
    assert results["server"].told.startswith(HARM[harm])


@pytest.mark.parametrize(
    "harm",
    [
        "import sys\nsys.stderr = None",
        "Room = check = None",
        "stage1.Server.serve = None",
    ],
)
def test_nor_does_it_suffer_from_what_another_has_left_behind(learner: Learner, harm: str) -> None:
    learner.tasks["server"]["source"] = [*learner.tasks["server"]["source"], "\n", harm]
    assert graded(learner)["echo"] == Result("solved")


@pytest.mark.parametrize(
    "harm", ["exit()", "import os\nos._exit(0)", "while True:\n    pass", "1 / 0"]
)
def test_an_experiment_costs_nothing(learner: Learner, harm: str) -> None:
    learner.add("01-server", harm)
    assert graded(learner, cell=1) == ALL_SOLVED


def test_what_another_task_defines_is_there_even_if_that_one_ends_the_kernel(
    learner: Learner,
) -> None:
    server = notebook.source(learner.tasks["server"])
    learner.tasks["server"]["source"] = f"SIZE = 4096\n{server}\nexit()"
    echo = notebook.source(learner.tasks["echo"])
    learner.tasks["echo"]["source"] = echo.replace("4096", "SIZE")
    assert graded(learner)["echo"] == Result("solved")


def test_a_helper_may_be_called_as_something_of_the_page_is(learner: Learner) -> None:
    helpers = "def received(room):\n    return room\n\n\ncheck = alice = room = received\n\n\n"
    server = notebook.source(learner.tasks["server"])
    checked = server.replace("finally:", "finally:\n            check(alice(room(received(1))))")
    learner.tasks["server"]["source"] = helpers + checked
    echo = notebook.source(learner.tasks["echo"])
    learner.tasks["echo"]["source"] = echo.replace(
        "writer.write(data)", "writer.write(check(data))"
    )
    assert graded(learner) == ALL_SOLVED


def test_a_copy_of_the_cell_that_is_answered_counts_more_than_the_stub(learner: Learner) -> None:
    answer = notebook.source(learner.tasks["echo"])
    learner.tasks["echo"]["source"] = learner.right["01-echo"]["metadata"]["stub"]
    learner.page["cells"].append({**own_cell(answer), "metadata": {"task": "echo"}})
    assert graded(learner) == ALL_SOLVED


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONOPTIMIZE", "2"), ("PYTHONWARNINGS", "error"), ("PYTHONASYNCIODEBUG", "1")],
)
def test_what_is_set_for_python_changes_no_grade(
    learner: Learner, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = notebook.source(learner.tasks["echo"])
    looks = f"import os\nif {name!r} in os.environ:\n    raise OSError\n"
    learner.tasks["echo"]["source"] = looks + answer
    assert graded(learner) == ALL_SOLVED


# What a learner reads.


def test_an_answer_with_an_error_in_it_is_told_where(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = "class Echo(stage1.Server)\n    pass\n"
    text = graded(learner)["echo"].told
    assert text.startswith("Your code raised an error: SyntaxError: expected ':'")
    assert "class Echo(stage1.Server)" in text


def test_a_failure_tells_what_was_run_and_what_was_expected(learner: Learner) -> None:
    answer = next(
        one for one in wrong_answers("01_basic_server", "echo") if "once" in one.path.stem
    )
    learner.tasks["echo"]["source"] = answer.source
    text = graded(learner)["echo"].told
    assert 'this was run\n    alice.send("  how are you?  ")\n    alice.read()\n' in text
    assert "expected\n    '  how are you?  '" in text


def test_a_task_whose_cell_is_gone_is_told_to_be_missing(learner: Learner) -> None:
    learner.page["cells"].remove(learner.tasks["server"])
    results = graded(learner)
    assert results["server"].in_a_line() == (
        "The cell for server is missing: it is where your answer goes"
    )
    assert results["echo"].result == "solved"


def test_what_is_printed_has_the_reason_the_tasks_and_the_way_on(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = learner.right["01-echo"]["metadata"]["stub"]
    learner.save()
    printed = grade_file(learner.path, "-p", "stages.exercises.grader")  # As for teachers.
    assert "\nNot solved yet: echo\n" in printed
    assert printed.count("What is next: ") == 1
    assert "\n✓ server\n✗ echo        Not solved yet: echo\n" in printed
    *_, last_but_one, _ = printed.splitlines()
    assert last_but_one == f"What is next: {this_python()} -m stages progress"


def test_a_run_of_one_task_changes_nothing_of_others(learner: Learner) -> None:
    assert grade(learner)["server"].result == "solved"
    learner.tasks["server"]["source"] = "1 / 0"
    assert grade(learner, "-k", "echo")["server"].result == "solved"


def test_what_cannot_be_kept_is_told_and_graded_all_the_same(learner: Learner) -> None:
    (learner.path.parent / progress.FILE).mkdir()
    learner.save()
    printed = grade_file(learner.path)
    assert "\n✓ server\n✓ echo\nThis is not kept for `stages progress`: progress.json" in printed
    assert "Traceback" not in printed


def test_a_name_from_a_given_cell_that_was_changed_is_told_to_be_lost(learner: Learner) -> None:
    next(notebook.code_cells(learner.page))["source"] = "import asyncio\nimport random"
    learner.tasks["server"]["source"] = "random.random()"
    echo = "".join(learner.right["01-echo"]["source"])
    learner.tasks["echo"]["source"] = echo.replace("reader.read(", "random.read(")
    results = graded(learner)
    lost = (
        "NameError: name 'random' is not defined; "
        "it stands in a cell that is not yours, where changes do not count"
    )
    assert results["server"].in_a_line() == f"Your code raised an error: {lost}"
    assert results["echo"].in_a_line().endswith(f"in the server: {lost}")
    assert "\nMove what you wrote there into your answer, or" in results["echo"].told


def test_a_name_that_stands_nowhere_is_not_told_to_be_lost() -> None:
    told_first = "Your code raised an error: NameError: name 'rundom' is not defined\n..."
    assert told.with_lost_changes(told_first, ["import random"]) == told_first
    assert told.with_lost_changes(told_first, ["rundom = 1"]) != told_first


def test_what_came_is_named_even_if_nothing_was_expected() -> None:
    error = {"ename": "Failure", "evalue": "bob: a line came too late\n  got       hi there "}
    given = notebook.Step("given", "who", cell("c", "bob.read_end()"))
    given.cell["metadata"]["promise"] = "it ends"
    first = told.of(given, Ran(error=error), 30).partition("\n")[0]
    assert first == "Not right yet: it ends; but bob: a line came too late: 'hi there '"


def test_an_address_of_nobody_is_explained() -> None:
    said = told.not_right("it says who", "expected 127.0.0.1:bob, got 127.0.0.1:?")
    assert said.endswith(", got 127.0.0.1:? (`127.0.0.1:?` is the address of nobody here)")


def test_a_run_of_all_tests_leaves_the_exercises_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "notebooks"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert "notebooks/05_who.ipynb" in done.stdout
    assert "notebooks/exercises/" not in done.stdout
    assert "notebooks/solutions/" not in done.stdout


def test_what_could_not_be_graded_is_no_mistake() -> None:
    report = f"  – in time (skipped: {told.TOO_BUSY} just now to be active in time)"
    given = notebook.Step("given", "idle", cell("c", "check(7, Server)"))
    result = told.result(told.of(given, Ran(value=report), 30))
    assert result.result == "not graded"
    assert result.in_a_line().endswith("so grade this again when it is not")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one such address")
def test_a_kernel_listens_where_no_server_of_a_cell_is(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = (
        "from ipykernel.connect import get_connection_info\n"
        "raise OSError(get_connection_info(unpack=True)['ip'])"
    )
    line = graded(learner)["echo"].in_a_line()
    assert line.startswith("Your code raised an error: OSError: 127.")
    assert not line.endswith(" 127.0.0.1")

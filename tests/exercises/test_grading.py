"""Every exercise fails unsolved, passes solved, and fails when it is wrong, saved as run or not.

All learners of `learners.py` are graded before the first test; that takes more than a minute.
"""

import copy
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stages.check import catalogue, failure
from stages.exercises import notebook, progress, told
from stages.exercises.calling import this_python
from tests.exercises.learners import (
    AS_A_LEARNER,
    PLACES,
    ROOT,
    SAVED,
    STORIES,
    WRONG_ANSWERS,
    Graded,
    Learner,
    WrongAnswer,
    answers_to,
    grade_all,
    own_cell,
)

TASKS = [
    (exercise, task)
    for exercise in notebook.names()
    for task in notebook.tasks(notebook.reference(exercise))
]

pytestmark = pytest.mark.timeout(500)  # The first test waits for all learners.
every_task = pytest.mark.parametrize(("exercise", "task"), TASKS, ids="-".join)
every_wrong_answer = pytest.mark.parametrize("answer", WRONG_ANSWERS, ids=lambda one: one.path.stem)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """How the learners did."""
    return grade_all(tmp_path_factory.mktemp("learners"))


@every_task
def test_unsolved_it_is_told_to_be_so(graded: Graded, exercise: str, task: str) -> None:
    result = graded.results["unsolved", exercise][task]
    assert (result.result, result.in_a_line()) == ("not solved yet", f"Not solved yet: {task}")


@every_task
def test_solved_it_passes_with_prints_and_cells_of_ones_own(
    graded: Graded, exercise: str, task: str
) -> None:
    assert graded.results["solved", exercise][task] == progress.Result("solved")


def story_of(answer: WrongAnswer) -> str:
    return f"wrong {answers_to(answer.exercise, answer.task).index(answer)}{SAVED}"


@every_wrong_answer
def test_a_wrong_answer_that_was_run_and_saved_fails_and_is_told_why(
    graded: Graded, answer: WrongAnswer
) -> None:
    result = graded.results[story_of(answer), answer.exercise][answer.task]
    assert (result.result, result.in_a_line()) == ("not right yet", answer.told)


@every_wrong_answer
def test_unsaved_it_is_run_and_compared_in_the_same_way(
    graded: Graded, answer: WrongAnswer, tmp_path: Path
) -> None:
    story = story_of(answer)
    saved = notebook.read(graded.paths[story, answer.exercise])
    learner = Learner(tmp_path / "learner", answer.exercise)
    STORIES[story](learner)
    assert any(cell["execution_count"] for cell in notebook.code_cells(saved))
    assert not any(cell["execution_count"] for cell in learner.tasks.values())
    solution = notebook.reference(answer.exercise)
    was_saved, was_not = notebook.joined(saved, solution), notebook.joined(learner.page, solution)
    assert [what_counts(step) for step in was_saved] == [what_counts(step) for step in was_not]


def what_counts(step: notebook.Step) -> tuple[object, ...]:
    """Of a step: where it comes from, its code, and, if it is given, what it has to show."""
    given = step.whose == "given"
    return step.whose, step.task, notebook.source(step.cell), step.cell if given else None


@pytest.mark.parametrize("exercise", notebook.names())
def test_and_fails_in_the_same_way(graded: Graded, exercise: str) -> None:
    assert graded.results["wrong 0", exercise] == graded.results[f"wrong 0{SAVED}", exercise]


@every_wrong_answer
def test_its_first_line_says_what_should_be_and_names_what_was_found(answer: WrongAnswer) -> None:
    form = re.fullmatch(r"Not right yet: (.{10,}); but (.{5,})", answer.told)
    assert form
    promise, found = form.groups()
    cells = notebook.code_cells(notebook.reference(answer.exercise))
    promises = {cell["metadata"].get("promise") for cell in cells}
    promises |= {check.title for check in catalogue.CHECKS}
    is_about_suspects = promise == "no check may accuse the right server" or "are caught" in promise
    assert promise in promises or (answer.task == "catch" and is_about_suspects)
    assert failure.ANOTHER_LINE not in found
    says_no_more_than_that_lines_differ = re.search(
        r"where (it should be|the protocol has)|one or more lines|too (many|much|early)|missing",
        found,
    )
    if says_no_more_than_that_lines_differ:
        assert re.search(r": \S", found.partition(says_no_more_than_that_lines_differ[0])[2]), found


@every_task
def test_it_has_three_wrong_answers_and_no_more_than_are_graded(exercise: str, task: str) -> None:
    assert 3 <= len(answers_to(exercise, task)) <= len(PLACES)


# Special learners.


def grade(learner: Learner, *options: str) -> dict[str, progress.Result]:
    """Grade one notebook by the command of the learners; how each task went."""
    learner.save()
    grade_file(learner.path, *options)
    return progress.load(learner.path.parent)[learner.path.stem]


def grade_file(path: Path, *options: str) -> str:
    """Grade one notebook by the command of the learners; what is printed."""
    command = [sys.executable, "-m", "pytest", *AS_A_LEARNER, "--nbval", *options, path]
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", timeout=100, cwd=ROOT
    )
    return done.stdout


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    """Somebody who has solved the exercises of stage 1."""
    made = Learner(tmp_path / "learner", "01_basic_server")
    made.solve()
    return made


def test_an_answer_that_hangs_ends_at_a_deadline_and_harms_no_other(learner: Learner) -> None:
    learner.tasks["server"]["source"] = "while True:\n    pass\n"
    results = grade(learner, "--nbval-cell-timeout=2")
    assert results["server"].in_a_line().startswith("No end after 2 s: ")
    assert results["echo"].result == "solved"


def test_nor_does_one_that_cannot_be_interrupted(learner: Learner) -> None:
    learner.tasks["server"]["source"] = (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass\n"
    )
    results = grade(learner, "--nbval-cell-timeout=2")
    assert results["server"].in_a_line().startswith("No end after 2 s: ")
    assert results["echo"].result == "solved"


def test_an_answer_with_an_error_in_it_is_told_where(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = "class Echo(stage1.Server)\n    pass\n"
    text = grade(learner)["echo"].told
    assert text.startswith("Your code raised an error: SyntaxError: expected ':'")
    assert "class Echo(stage1.Server)" in text


def test_a_failure_tells_what_was_run_and_what_was_expected(learner: Learner) -> None:
    answer = answers_to("01_basic_server", "echo")[0]
    learner.tasks["echo"]["source"] = answer.source
    text = grade(learner)["echo"].told
    assert 'this was run\n    alice.send("  how are you?  ")\n    alice.read()\n' in text
    assert "expected\n    '  how are you?  '" in text


def test_a_task_whose_cell_is_gone_is_told_to_be_missing(learner: Learner) -> None:
    learner.page["cells"].remove(learner.tasks["server"])
    results = grade(learner)
    assert results["server"].in_a_line() == (
        "The cell for server is missing: it is where your answer goes"
    )
    assert results["echo"].result == "solved"


def test_what_is_no_notebook_any_more_is_told_to_be_so(learner: Learner) -> None:
    learner.path.write_text("{", encoding="utf-8")
    printed = grade_file(learner.path)
    assert "01_basic_server.ipynb is no notebook any more" in printed
    assert f"`{this_python()} -m stages reset 1`" in printed
    results = progress.load(learner.path.parent)["01_basic_server"]
    assert {result.result for result in results.values()} == {"not right yet"}


def test_what_is_printed_has_the_reason_the_tasks_and_the_way_on(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = learner.right["01-echo"]["metadata"]["stub"]
    learner.save()
    printed = grade_file(learner.path)
    assert "\nNot solved yet: echo\n" in printed
    assert "\n✓ server\n✗ echo        Not solved yet: echo\n" in printed
    *_, last_but_one, _ = printed.splitlines()
    assert last_but_one == f"What is next: {this_python()} -m stages progress"


def test_a_run_of_some_cells_changes_nothing_of_other_tasks(learner: Learner) -> None:
    assert grade(learner)["server"].result == "solved"
    learner.tasks["server"]["source"] = "1 / 0"
    assert grade(learner, "-k", "echo")["server"].result == "solved"


def test_of_a_task_that_was_asked_for_in_part_all_is_run(learner: Learner) -> None:
    assert grade(learner, "-k", "echo") == {"echo": progress.Result("solved")}
    wrong = answers_to("01_basic_server", "echo")[1]
    learner.tasks["echo"]["source"] = wrong.source
    assert grade(learner, "-k", "echo and given")["echo"].in_a_line() == wrong.told


def test_what_failed_last_is_run_as_a_whole(learner: Learner, tmp_path: Path) -> None:
    cache = ("-o", f"cache_dir={tmp_path}")
    wrong = answers_to("01_basic_server", "echo")[1]
    learner.tasks["echo"]["source"] = wrong.source
    for options in (cache, ("--lf", *cache)):
        assert grade(learner, *options)["echo"].in_a_line() == wrong.told


def test_a_cell_of_ones_own_that_hangs_is_not_taken_for_the_answer(learner: Learner) -> None:
    wrong = answers_to("01_basic_server", "echo")[1]
    learner.tasks["echo"]["source"] = wrong.source
    learner.add("01-echo", "while True:\n    pass")
    assert grade(learner, "--nbval-cell-timeout=2")["echo"].in_a_line() == wrong.told


def test_a_name_from_a_given_cell_that_was_changed_is_told_to_be_lost(learner: Learner) -> None:
    next(notebook.code_cells(learner.page))["source"] = "import asyncio\nimport random"
    learner.tasks["server"]["source"] = "random.random()"
    echo = "".join(learner.right["01-echo"]["source"])
    learner.tasks["echo"]["source"] = echo.replace("reader.read(", "random.read(")
    results = grade(learner)
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
    outputs = [{"output_type": "execute_result", "data": {"text/plain": report}}]
    result = told.result(told.difference("check(7, Server)", "", [], outputs))
    assert result.result == "not graded"
    assert result.in_a_line().endswith("so grade this again when it is not")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one such address")
def test_a_kernel_listens_where_no_server_of_a_cell_is(learner: Learner) -> None:
    learner.tasks["echo"]["source"] = (
        "from ipykernel.connect import get_connection_info\n"
        "raise OSError(get_connection_info(unpack=True)['ip'])"
    )
    line = grade(learner)["echo"].in_a_line()
    assert line.startswith("Your code raised an error: OSError: 127.")
    assert not line.endswith(" 127.0.0.1")


# What comes from the learner, and what does not.


def cell(cell_id: str, text: str, task: str = "") -> notebook.Cell:
    made = {**own_cell(text), "id": cell_id}
    made["metadata"] = {"task": task, "stub": "stub"} if task else {}
    return made


def test_only_answers_and_added_cells_come_from_the_learner() -> None:
    solution = {
        "cells": [
            cell("a", "given"),
            cell("t", "solution", "one"),
            cell("b", "given"),
            cell("u", "solution", "two"),
            cell("c", "given"),
        ]
    }
    page = copy.deepcopy(solution)
    for one in page["cells"]:
        one["source"] = f"their {one['id']}"
        one["metadata"].pop("stub", None)
    first, task, between, *rest = page["cells"]
    own = {place: own_cell(place) for place in ("before", "after", "among", "late")}
    page["cells"] = [first, own["before"], task, own["after"], between, own["among"], *rest]
    page["cells"].append(own["late"])
    found = [
        (step.whose, step.task, step.cell["source"]) for step in notebook.joined(page, solution)
    ]
    assert found == [
        ("given", "", "given"),
        ("added", "one", "before"),
        ("answer", "one", "their t"),
        ("added", "one", "after"),
        ("given", "one", "given"),
        ("added", "two", "among"),
        ("answer", "two", "their u"),
        ("given", "two", "given"),
    ]


def test_an_answer_is_known_by_its_task_when_its_id_is_lost() -> None:
    solution = {"cells": [cell("t", "solution", "one")]}
    page = {"cells": [cell("new", "theirs", "one")]}
    (step,) = notebook.joined(page, solution)
    assert (step.whose, step.cell["source"]) == ("answer", "theirs")


def test_a_stub_in_a_comment_is_no_stub() -> None:
    stub = 'raise NotImplementedError("one: your turn")'
    assert notebook.is_unsolved(cell("t", f"def f():\n    {stub}\n", "one"))
    assert not notebook.is_unsolved(cell("t", f"def f():\n    # {stub}\n    return 1", "one"))
    assert not notebook.is_unsolved(cell("t", f"def f():\n    {stub}\n", "another"))

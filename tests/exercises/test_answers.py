"""Every right answer is solved, every wrong one fails and is told why; `answers.py` finds them.

Each promise of a task has a wrong answer that breaks it. All are graded once, at the same time as
the tests; `python -m tests.exercises.answers` grades them as often as one likes.
"""

import re
from concurrent.futures import Future

import pytest

from stages.check import catalogue, failure
from stages.exercises import notebook
from stages.exercises.progress import Result
from tests.exercises.answers import RIGHT, WRONG, Answer, grade_all, promises, wrong_answers

TASKS = [
    (exercise, task)
    for exercise in notebook.names()
    for task in notebook.tasks(notebook.reference(exercise))
]
STYLES = 3

pytestmark = pytest.mark.timeout(300)  # The first tests wait for many answers.
every_task = pytest.mark.parametrize(("exercise", "task"), TASKS, ids="-".join)
every_wrong_answer = pytest.mark.parametrize("answer", WRONG, ids=lambda one: one.path.stem)
every_right_answer = pytest.mark.parametrize("answer", RIGHT, ids=lambda one: one.path.stem)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[Answer, Future[Result]]:
    """How the answers do."""
    return grade_all([*RIGHT, *WRONG], tmp_path_factory.mktemp("answers"))


@every_right_answer
def test_a_right_answer_is_solved(graded: dict[Answer, Future[Result]], answer: Answer) -> None:
    assert graded[answer].result() == Result("solved")


@every_wrong_answer
def test_a_wrong_answer_fails_and_is_told_why(
    graded: dict[Answer, Future[Result]], answer: Answer
) -> None:
    result = graded[answer].result()
    assert (result.result, result.in_a_line()) == ("not right yet", answer.told)


@every_wrong_answer
def test_its_first_line_says_what_should_be_and_names_what_was_found(answer: Answer) -> None:
    form = re.fullmatch(r"Not right yet: (.{10,}); but (.{5,})", answer.told)
    assert form
    promise, found = form.groups()
    cells = notebook.code_cells(notebook.reference(answer.exercise))
    shown = {cell["metadata"].get("promise") for cell in cells}
    shown |= {check.title for check in catalogue.CHECKS}
    is_about_suspects = promise == "no check may accuse the right server" or "are caught" in promise
    assert promise in shown or (answer.task == "catch" and is_about_suspects)
    assert failure.ANOTHER_LINE not in found
    says_no_more_than_that_lines_differ = re.search(
        r"where (it should be|the protocol has)|one or more lines|too (many|much|early)|missing",
        found,
    )
    if says_no_more_than_that_lines_differ:
        assert re.search(r": \S", found.partition(says_no_more_than_that_lines_differ[0])[2]), found


@every_task
def test_a_task_has_right_answers_in_several_styles(exercise: str, task: str) -> None:
    styles = [one for one in RIGHT if (one.exercise, one.task) == (exercise, task)]
    assert len(styles) >= STYLES
    sources = [notebook.source(cell) for cell in notebook.reference(exercise)["cells"]]
    assert not {one.source.rstrip() for one in styles} & set(sources), "the solution is no style"


@every_task
def test_each_promise_stands_on_the_page(exercise: str, task: str) -> None:
    page = notebook.reference(exercise)
    text = ""
    above = {}
    for cell in page["cells"]:
        if cell["cell_type"] == "markdown":
            text += "\n" + notebook.source(cell)
        elif name := notebook.task_of(cell):
            above[name], text = plain(text), ""
    for promise in promises(exercise)[task].values():
        assert plain(promise) in above[task]


def plain(text: str) -> str:
    """A text in one line."""
    return " ".join(text.replace("\n# ", "\n").split())


@every_task
def test_each_promise_has_a_wrong_answer_that_breaks_it(exercise: str, task: str) -> None:
    broken = {one.breaks for one in wrong_answers(exercise, task)}
    assert broken == set(promises(exercise)[task])


def test_there_is_no_answer_to_what_is_no_task() -> None:
    assert {(one.exercise, one.task) for one in (*RIGHT, *WRONG)} <= set(TASKS)
    assert {one.path.parent.parent.name for one in WRONG} == {"wrong"}

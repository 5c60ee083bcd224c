"""A name that both a learner and the page bind is two names when the page is graded."""

import ast
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from stages.exercises import own_names
from stages.exercises.notebook import Step
from tests.exercises.learners import cell


def steps(first: str, answer: str, given: str) -> list[Step]:
    return [
        Step("given", "", cell("a", first)),
        Step("answer", "one", cell("b", answer)),
        Step("given", "one", cell("c", given)),
    ]


def test_what_both_bind_is_taken_and_the_page_keeps_its_own() -> None:
    names = own_names.taken(
        steps(
            "from stages.lab import Room, check",
            "def check(x): ...\nfor room in (): pass\nclass Server:\n    names = 1",
            "room = Room(Server)\nnames = 2\ncheck(1, Server)",
        )
    )
    assert names == {"check": True, "room": False}
    assert own_names.kept(names) == "check_of_the_page = check"


def test_a_given_cell_is_run_under_other_names() -> None:
    given = "def room(names):\n    return names\n\nclass check(room): ...\nawait other.room(check)"
    assert own_names.apart(given, {"room": False, "names": False, "check": True}) == (
        "def room_of_the_page(names_of_the_page):\n    return names_of_the_page\n\n"
        "class check_of_the_page(room_of_the_page):\n    ...\n"
        "await other.room(check_of_the_page)"
    )
    assert own_names.apart(given, {}) == given


@pytest.mark.parametrize("source", ["%%time\nx = 1", "def f(:", "x = '\0'", "(" * 1000])
def test_what_is_no_plain_python_binds_nothing(source: str) -> None:
    assert own_names.parsed(source) == []


def test_of_another_task_there_is_what_it_defines_and_not_what_it_does() -> None:
    answer = "import sys\nsys.stderr = None\nSIZE = 3\ndef f(): ...\nexit()\nfor x in y: ..."
    assert own_names.definitions(steps("import os", answer, "room = 1")) == [
        "import sys",
        "SIZE = 3",
        "def f():\n    ...",
    ]


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns, and garbage is collected, as often as possible."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(20)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


class Garbage:
    """Something that is only collected with an effort."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.mark.usefixtures("hurried")
def test_pages_can_be_looked_at_in_several_threads() -> None:
    source = ast.unparse(ast.parse("class A:\n    def f(self): return [x for x in y]\n" * 40))

    def look(_: int) -> int:
        Garbage()
        return len(own_names.parsed(source))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(look, range(400))) == {40}

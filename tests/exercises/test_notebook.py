"""A notebook as data: what is read of a file, and which of its cells are run."""

import copy
from pathlib import Path

import pytest

from stages.exercises import notebook
from tests.exercises.learners import cell, own_cell

# What can be read.


BROKEN = [
    (b"{", "is no notebook any more"),
    (b"[" * 100_000, "is no notebook any more"),
    (b'{"cells": 1}', "is no notebook any more"),
    (b"[]", "is no notebook any more"),
    (b"\xff", "is no notebook any more"),
    ("{}".encode("utf-16"), "is in UTF-16: save it as UTF-8, as JupyterLab does"),
]


@pytest.mark.parametrize(("data", "why"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_notebook_any_more_is_told_in_a_line(
    tmp_path: Path, data: bytes, why: str
) -> None:
    path = tmp_path / "01_basic_server.ipynb"
    path.write_bytes(data)
    with pytest.raises(notebook.Unreadable, match=f"^01_basic_server.ipynb {why}"):
        notebook.read(path)


# What comes from the learner, and what does not.


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
        one["outputs"] = ["saved"]
        one["metadata"].pop("stub", None)
    first, task, between, *rest = page["cells"]
    own = {place: own_cell(place) for place in ("before", "after", "among", "late")}
    page["cells"] = [first, own["before"], task, own["after"], between, own["among"], *rest]
    page["cells"].append(own["late"])
    steps = notebook.joined(page, solution)
    assert not any(step.cell["outputs"] for step in steps)
    found = [(step.whose, step.task, step.cell["source"]) for step in steps]
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

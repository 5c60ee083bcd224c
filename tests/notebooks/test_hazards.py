"""The table of lesson 9: every known mistake, the line that holds, the test that proves it."""

import csv
import inspect
import re
from pathlib import Path
from pydoc import locate

import pytest

from stages.check import catalogue
from tests.docs.pages import names_in

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "stages" / "lab" / "hazards.csv"
TESTS = ROOT / "tests" / "im_final"

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))

every_row = pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])


def test_every_mistake_that_a_check_looks_for_is_there_once_and_in_order() -> None:
    ids = [row["id"] for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert {hazard for check in catalogue.CHECKS for hazard in check.hazards} - set(ids) == set()
    order = "CHKLFNP"
    assert ids == sorted(ids, key=lambda one: (order.index(one[0]), int(one[1:])))


@every_row
def test_the_line_stands_in_what_is_named(row: dict[str, str]) -> None:
    thing = locate(f"im_final.{row['where']}")
    assert thing is not None
    assert len(row["line"]) > len("x = y")
    assert row["line"] in inspect.getsource(thing)  # type: ignore[arg-type]


@every_row
def test_the_test_is_there(row: dict[str, str]) -> None:
    assert row["test"].startswith("test_")
    assert row["test"] in names_in(TESTS / row["tests"])


@every_row
def test_it_is_told_in_a_line_of_plain_words(row: dict[str, str]) -> None:
    assert row["stage"] in list("12345678")
    assert re.fullmatch(r"[^\n]{5,70}", row["attack"])
    assert None not in row

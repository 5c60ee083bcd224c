"""Each sentence of the protocol has checks, and wrong servers of which each is caught by one.

Whether they are caught is tested in `test_wrong_servers.py`.
"""

import tomllib
from typing import Any

import pytest

from stages.check import catalogue
from tests.check.wrong import wrong_servers
from tools.protocol_table import DATA, PAGE, made

PARTS = tomllib.loads(DATA.read_text(encoding="utf-8"))["part"]
SENTENCES: list[dict[str, Any]] = [one for part in PARTS for one in part["sentence"]]
CHECKS = {check.name for check in catalogue.CHECKS}
CAUGHT_BY = {server.name: server.caught_by for server in wrong_servers()}


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["text"])
def test_a_sentence_has_checks_and_wrong_servers_that_they_catch(sentence: dict[str, Any]) -> None:
    assert sentence["checks"], "no check holds a server to it"
    assert sentence["mutants"], "no wrong server breaks it"
    assert set(sentence["checks"]) <= CHECKS
    for name in sentence["mutants"]:
        assert CAUGHT_BY[name] in sentence["checks"], f"{name} is caught by another check"


def test_every_check_holds_a_sentence() -> None:
    assert {check for one in SENTENCES for check in one["checks"]} == CHECKS


def test_every_wrong_server_breaks_a_sentence() -> None:
    assert {name for one in SENTENCES for name in one["mutants"]} == set(CAUGHT_BY)


def test_a_sentence_stands_there_once() -> None:
    texts = [one["text"] for one in SENTENCES]
    assert sorted(set(texts)) == sorted(texts)


def test_the_page_is_the_one_that_the_command_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == made()

"""Every wrong server is caught by the check it is meant for, with the text that learners will read.

They are run AT_ONCE at a time, since most of their time is waiting, while the tests go on; in
processes of their own, since a process of many threads is no place to start others from.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import pytest

from stages.check import catalogue
from tests.check.wrong import GOLDEN, Caught, WrongServer, wrong_servers

SERVERS = wrong_servers()
AT_ONCE = 6
HAZARDS = [f"C{n}" for n in range(1, 5)] + [f"H{n}" for n in range(1, 5)]
HAZARDS += ["K1", "K2", "K3", "K5", "K6", "L1", "L3", "L4", "L5"]
HAZARDS += [f"F{n}" for n in range(1, 10)] + [f"N{n}" for n in range(1, 8)] + ["P1", "P2", "P3"]
NO_SERVER = {"P3": "joins that do not travel together cost time only, which no check may measure"}

pytestmark = pytest.mark.timeout(600)  # The first test waits for its turn among all of them.


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[Caught | None]]]:
    """What each was caught by, when it is known."""
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        yield {server.name: pool.submit(server.caught) for server in SERVERS}


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_it_is_caught(server: WrongServer, runs: dict[str, Future[Caught | None]]) -> None:
    caught = runs[server.name].result(timeout=500)
    assert caught is not None, "all checks hold for it"
    assert caught.by == server.caught_by
    assert caught.text == server.golden.read_text(encoding="utf-8")


def test_every_golden_file_has_its_server() -> None:
    assert {path.stem for path in GOLDEN.glob("*")} == {server.name for server in SERVERS}


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_it_belongs_to_the_stage_it_claims(server: WrongServer) -> None:
    (check,) = [check for check in catalogue.CHECKS if check.name == server.caught_by]
    assert check.stage <= server.stage <= check.until


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_hazard_has_a_wrong_server_or_a_reason(hazard: str) -> None:
    named = [server for server in SERVERS if server.name.startswith(f"{hazard.lower()}_")]
    assert bool(named) != (hazard in NO_SERVER)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_hazard_is_looked_for(hazard: str) -> None:
    assert any(hazard in check.hazards for check in catalogue.CHECKS)

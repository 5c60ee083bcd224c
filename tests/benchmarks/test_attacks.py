"""Attacks, for a moment each, on real servers: what the others feel is measured, and shown.

How much an attack costs, no test says.
"""

import sys
from collections.abc import Iterator

import pytest

from benchmarks import attacks
from benchmarks.attackers import ATTACKS, Attack, Attacker, Crowd
from benchmarks.attacks import Outcome, measure
from benchmarks.contenders import Running
from tests.needs import need

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attackers use epoll")

MOMENT = 0.3  # Seconds.
PATIENCE = 20.0


@pytest.mark.parametrize("name", ["nobody", "`who`", "reads nothing", "guest: empty lines"])
def test_an_attack_has_its_outcome(name: str) -> None:
    outcome = measure(ATTACKS[name], "asyncio", 1, MOMENT)
    assert 0 <= outcome.cpu < 2
    assert 0 < outcome.p50 <= outcome.p99


def test_an_attack_over_tls_has_its_outcome_too() -> None:
    need("openssl")
    outcome = measure(ATTACKS["TLS: hello, and gone"], "asyncio", 1, MOMENT)
    assert 0 < outcome.p50 <= outcome.p99


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A server, for all attackers one after the other."""
    with Running(attacks.server("asyncio", "open")) as server:
        yield server


@pytest.mark.parametrize("one", ATTACKS.values(), ids=ATTACKS)
def test_every_attacker_connects_and_comes_again_if_it_says_so(
    running: Running, one: Attack
) -> None:
    crowd = Crowd([Attacker(one, "127.0.0.2", running.port) for _ in range(min(one.crowd, 2))])
    try:
        for connects in crowd.attack(PATIENCE if one.comes_again else MOMENT):
            if connects == 5:
                break
    finally:
        crowd.close()
    assert crowd.connects == 5 if one.comes_again else crowd.connects >= crowd.most


def test_a_row_has_a_cell_for_each_loop_and_number_of_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def measured(_one: Attack, loop: str, addresses: int, _seconds: float) -> Outcome:
        if (loop, addresses) == ("uvloop", 10):
            raise ConnectionError("3 of 14 others were dropped")
        return Outcome(addresses / 100, 0.001, 0.0123)

    monkeypatch.setattr(attacks, "measure", measured)
    made = attacks.table([ATTACKS["`who`"]], attacks.LOOPS, MOMENT)
    assert made.splitlines()[2] == (
        "| `who` | 1%, 1.00 / 12.30 | 1%, 1.00 / 12.30 | 10%, 1.00 / 12.30 "
        "| 3 of 14 others were dropped |"
    )


def test_the_table_is_put_into_the_page_in_its_place() -> None:
    page = f"before\n{attacks.BEGIN}old\n{attacks.END}after\n"
    made = attacks.put_into(page, "new")
    assert made == f"before\n{attacks.BEGIN}\nnew\n\n{attacks.END}after\n"
    assert attacks.put_into(made, "new") == made
    with pytest.raises(ValueError, match="no place for the table"):
        attacks.put_into("a page\n", "new")


def test_the_page_has_a_place_for_the_table() -> None:
    attacks.put_into(attacks.PAGE.read_text(encoding="utf-8"), "new")


def test_what_is_no_attack_is_refused_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        attacks.main(["--only", "siege"])
    assert "there is no attack 'siege'; there are nobody; longest lines;" in capsys.readouterr().err

"""The soak as a command: it makes faults, reports violations, and ends with a status."""

import json
import socket
import time
from pathlib import Path

import pytest

from tests.im_final.children import POSIX
from tests.needs import need
from tools.soak import __main__ as command
from tools.soak import clock, deck
from tools.soak.clock import Clock
from tools.soak.deck import Kind
from tools.soak.faults import cut
from tools.soak.house import Store
from tools.soak.ports import BLOCK, Ports
from tools.soak.site import Site

pytestmark = POSIX
ONE_ROUND = ("--once", "--loop", "asyncio", "--seed", "7")


async def end_a_node(site: Site, number: int) -> None:
    """A node dies, and its people are cut off; its `Kind` does not say that this may happen."""
    site.nodes[number].end()
    await site.nodes[number].start()


def test_a_soak_in_which_all_was_kept_ends_with_status_0(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    need("redis-server")
    monkeypatch.setattr(command, "KINDS", [Kind(cut)])
    assert command.main(ONE_ROUND) == 0
    said = capsys.readouterr().out
    assert said.startswith("--seed 7\n   1 asyncio  cut ")
    assert said.endswith("all was kept\n--seed 7\n")


def test_a_broken_promise_is_shown_and_kept_and_ends_with_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    need("redis-server")
    monkeypatch.setattr(command, "KINDS", [Kind(end_a_node)])
    assert command.main([*ONE_ROUND, "--histories", str(tmp_path / "kept")]) == 1
    said = capsys.readouterr().out
    assert "! a connection does not end without a reason: p" in said
    assert "all was kept" not in said
    [kept] = (tmp_path / "kept").glob("*.json")
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert found["kind"] == "end-a-node"
    assert {len(one["read"]) > 0 for one in found["history"]} == {True}
    assert "in the room lobby" in kept.with_suffix(".log").read_text(encoding="utf-8")


def test_the_seed_decides_on_the_order_of_the_faults() -> None:
    first, again, other = (
        [one.name for _, kinds in command.decks(deck.KINDS, "uvloop", seed, keeps=False)
         for one in kinds]
        for seed in ("7", "7", "8")
    )  # fmt: skip
    assert first == again != other
    assert sorted(first) == sorted(other) == sorted(one.name for one in deck.KINDS)


def test_the_clock_of_a_redis_can_be_set_while_it_runs(tmp_path: Path) -> None:
    need("redis-server")
    if clock.why_not():
        need("cc")
        pytest.skip(clock.why_not())
    store = Store(tmp_path, clock=Clock(tmp_path))
    try:
        store.start()
        for step, wrong_by in ((0.0, 0.0), (-28800.0, -28800.0), (28801.5, 1.5)):
            assert store.clock
            store.clock.step(step)
            before, [seconds, micros], after = time.time(), store.client.time(), time.time()
            found = seconds + micros / 1e6 - wrong_by
            assert before - 0.002 < found < after + 0.002
    finally:
        store.stop()


def test_ports_of_the_soak_are_not_those_of_outgoing_connections() -> None:
    ports = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not ports.exists():
        pytest.skip("the range is Linux's")
    assert Store(Path()).port < int(ports.read_text().split()[0])


def test_ports_are_free_and_each_is_given_once_in_a_while() -> None:
    ports = Ports()
    given = [ports.free() for _ in range(100)]
    assert len(set(given)) == len(given)
    assert Ports().free() not in range(ports.first, ports.first + BLOCK)
    with socket.create_server(("127.0.0.1", given[0])):
        ports.next = given[0] - ports.first
        assert ports.free() != given[0]

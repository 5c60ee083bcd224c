"""Every load, for a moment and small, on real servers: its figures are what was really done.

How fast anything is, no test says.
"""

import select
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.contenders import CONTENDERS, LIMIT, CannotRun, Contender, Running
from benchmarks.crowd import Crowd
from benchmarks.dialects import DIALECTS
from benchmarks.run import load
from tests.needs import need

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the load uses epoll")

MOMENT = 0.3  # Seconds.
PATIENCE = 10.0
PREFIX = len("[127.0.0.1:54321]127.0.0.1:54321:")
BY_NAME = {one.name: one for one in (*CONTENDERS, LIMIT)}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """The finished server, for all loads one after the other."""
    with Running(BY_NAME["im_final"]) as server:
        yield server


def order(do: str, **more: Any) -> dict[str, Any]:
    return {"do": do, "size": 64, "seconds": MOMENT, **more}


def test_a_flood_is_lines_times_readers_and_nobody_is_lost(running: Running) -> None:
    figures = load(running, order("flood", readers=5))
    assert figures["lost"] == 0
    assert figures["lines_per_second"] > 0
    assert abs(figures["line"] - (PREFIX + 64 + 1)) <= 2  # Ports have four digits, or five.
    assert figures["bytes_per_second"] == pytest.approx(
        figures["lines_per_second"] * figures["line"]
    )
    assert figures["sent_per_second"] >= figures["lines_per_second"] / 5
    cost = figures["cpu_per_million"]
    assert figures["cpu_per_line_said"] == pytest.approx(cost * 5 / 1e6)
    assert 0 < figures["load_cpu"] <= 1.5


def test_those_who_stall_do_not_end_the_flood(running: Running) -> None:
    assert load(running, order("flood", readers=5, stalled=2))["lines_per_second"] > 0


def test_a_conversation_counts_echoes(running: Running) -> None:
    figures = load(running, order("conversation", readers=5, talkers=3))
    assert figures["lines_per_second"] > 0
    assert 0 < figures["p50"] <= figures["p99"] <= figures["p999"] < MOMENT
    assert figures["deliveries_per_second"] > figures["lines_per_second"]


def test_a_steady_load_misses_no_delivery(running: Running) -> None:
    figures = load(running, order("steady", readers=5, rate=1000.0))
    assert figures["missing"] == 0
    assert 0 < figures["deliveries"] <= 5 * 1000 * MOMENT
    assert figures["deliveries"] % 5 == 0
    assert 0 < figures["p50"] <= figures["p99"]


def test_pairs_write_to_each_other(running: Running) -> None:
    figures = load(running, order("private", pairs=3))
    assert figures["lines_per_second"] > 0
    assert 0 < figures["p50"] < MOMENT


def test_a_join_storm_ends_when_all_know_of_all(running: Running) -> None:
    figures = load(running, {"do": "join_storm", "count": 20})
    assert 0 < figures["seconds_until_in"] <= figures["seconds"]


def test_idle_memory_is_for_a_connection(running: Running) -> None:
    figures = load(running, {"do": "idle", "count": 100})
    assert figures["bytes_per_connection"] < 100_000 < figures["bytes_at_start"]


@pytest.mark.parametrize("size", [16, 64, 4000])
def test_the_limit_writes_as_much_at_once_as_a_server_would(size: int) -> None:
    with Running(LIMIT) as server:
        figures = load(server, {"do": "flood", "size": size, "seconds": MOMENT, "readers": 5})
    assert figures["line"] == PREFIX + size + 1
    assert figures["lines_per_second"] > 0


@pytest.mark.parametrize(
    ("name", "tool", "do"),
    [
        ("im_final, TLS", "openssl", "flood"),
        ("im_final, uvloop, TLS", "openssl", "conversation"),
        ("redis", "redis-server", "flood"),
        ("redis", "redis-server", "private"),
        ("nats-server", "nats-server", "flood"),
        ("nats-server", "nats-server", "private"),
        ("ngircd", "ngircd", "flood"),
    ],
)
def test_every_contender_speaks_its_own_dialect(name: str, tool: str, do: str) -> None:
    need(tool)
    few = {"private": {"pairs": 2}, "conversation": {"readers": 2, "talkers": 2}}
    with Running(BY_NAME[name]) as server:
        figures = load(server, order(do, **few.get(do, {"readers": 2})))
    assert figures["lines_per_second"] > 0


def test_who_is_dropped_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        crowd = Crowd(server.getsockname()[1], DIALECTS["chat"])
        member = crowd.connect()
        server.accept()[0].close()
        select.select([member.sock], [], [], PATIENCE)
        assert crowd.count(member) == 0
        assert crowd.lost == 1
        crowd.close()


def test_a_server_that_does_not_listen_is_told_with_its_last_words() -> None:
    contender = Contender("broken", [sys.executable, "-c", "raise SystemExit('ouch {port}')"])
    with pytest.raises(CannotRun, match=r"it ended at once: ouch \d+"):
        Running(contender)


def test_a_load_that_fails_is_told_in_a_line(running: Running) -> None:
    with pytest.raises(CannotRun, match="KeyError: 'nothing'"):
        load(running, {"do": "nothing"})

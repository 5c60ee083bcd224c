"""Seen from outside: /metrics for Prometheus, and /healthz."""

import asyncio
import contextlib
import importlib
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest

from im_final import phrases
from stages.check.program import free_port
from tests.im_final.children import PATIENCE, run, running
from tests.im_final.conftest import Run, need_module
from tests.im_final.rooms import Room, Staller, open_room
from tests.stages.turns import until

FAMILIES = {
    "im_users": "gauge",
    "im_connections": "gauge",
    "im_lines_in": "counter",
    "im_lines_said": "counter",
    "im_lines_out": "counter",
    "im_direct_writes": "counter",
    "im_bytes_in": "counter",
    "im_bytes_out": "counter",
    "im_departures": "counter",
    "im_refusals": "counter",
    "im_backlog_bytes": "histogram",
    "im_turn_seconds": "histogram",
}


@pytest.fixture(autouse=True)
def _prometheus() -> None:
    need_module("prometheus_client")


def get(port: int, path: str, host: str = "127.0.0.1") -> tuple[int, str]:
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=PATIENCE) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def families(text: str) -> list[Any]:
    """What is on the page, understood as Prometheus does."""
    parser = importlib.import_module("prometheus_client.parser")
    return list(parser.text_string_to_metric_families(text))


def samples(text: str) -> dict[str, float]:
    """Every number on the page, by its name and labels."""
    return {
        " ".join([one.name, *[f"{key}={value}" for key, value in one.labels.items()]]): one.value
        for family in families(text)
        for one in family.samples
    }


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6 here")
@pytest.mark.parametrize(
    ("host", "answering"),
    [("::1", ["[::1]"]), ("", ["127.0.0.1", "[::1]"]), ("127.0.0.1", ["127.0.0.1"])],
)
def test_the_address_may_be_one_of_ipv6_or_every_one(host: str, answering: list[str]) -> None:
    port = free_port()
    with running("--metrics", str(port), "--metrics-host", host) as room:
        for one in answering:
            assert get(port, "/healthz", one) == (200, "ok\n")
            assert "im_users 0.0" in get(port, "/metrics", one)[1]
        program = room.own_program()
        program.ask_to_end(signal.SIGTERM)
        assert program.wait_end(PATIENCE) == 0
        assert program.stderr.count == 0


def test_the_program_has_all_families_and_they_add_up() -> None:
    port = free_port()
    with running("--metrics", str(port), "--max-connections", "2") as room:
        alice, bob = room.join("alice", "bob")
        room.connect("carol").reads(phrases.FULL)
        alice.send("你好")
        room.all_read(alice.says("你好"))
        alice.send("who")
        alice.reads(*[phrases.IS_ONLINE.format(name=one.addr) for one in (alice, bob)])
        status, text = get(port, "/metrics")
        assert status == 200
        found = {family.name: family for family in families(text)}
        assert {name: family.type for name, family in found.items()} == FAMILIES
        assert all(family.documentation for family in found.values())
        now = samples(text)
        assert now["im_users"] == 2
        assert now["im_lines_in_total"] == 2
        assert now["im_lines_said_total"] == 3
        assert now["im_lines_out_total"] >= 2 + 2 + 1
        assert now["im_direct_writes_total"] >= 1
        assert now["im_bytes_in_total"] == len("你好\nwho\n".encode())
        assert now["im_bytes_out_total"] > now["im_bytes_in_total"]
        assert now["im_refusals_total reason=full"] == 1
        assert now["im_departures_total reason=refused"] == 1
        assert now["im_backlog_bytes_bucket le=0"] == now["im_backlog_bytes_count"]
        assert now["im_turn_seconds_bucket le=+Inf"] == now["im_turn_seconds_count"] > 0
        assert now["im_turn_seconds_sum"] > 0
        assert get(port, "/healthz") == (200, "ok\n")
        assert get(port, "/secrets")[0] == 404
    with pytest.raises(OSError, match="refused"):
        get(port, "/healthz")


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = str(owner.getsockname()[1])
        done = run("serve", "--port", "0", "--metrics", port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"im_final: cannot listen on 127.0.0.1:{port} for --metrics: ")
    assert done.stderr.count("\n") == 1


async def page(port: int, path: str) -> tuple[int, str]:
    """A page, asked for while the server's loop goes on."""
    return await asyncio.to_thread(get, port, path)


@contextlib.asynccontextmanager
async def watched(**options: Any) -> AsyncIterator[tuple[Room, int]]:
    """A room, and the port of its metrics."""
    module = importlib.import_module("im_final.metrics")
    async with open_room(**options) as room:
        metrics = module.Metrics(room.server, "127.0.0.1", 0)
        try:
            yield room, metrics.port
        finally:
            metrics.stop()


def test_who_is_behind_and_who_is_dropped_is_counted(run: Run) -> None:
    async def story() -> None:
        async with watched(max_backlog=2**16) as (room, port):
            alice = await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice)
                while not (connection.blocked and connection.outbox.owed > 2**14):
                    alice.says("x" * 1000)
                    await alice.reads(alice.line("x" * 1000))
                now = samples((await page(port, "/metrics"))[1])
                assert now["im_backlog_bytes_bucket le=16384"] == 1
                assert now["im_backlog_bytes_bucket le=65536"] == 2
                assert now["im_backlog_bytes_sum"] == connection.outbox.owed
                while not connection.leaving:
                    alice.says("x" * 1000)
                    await alice.reads_on_until(alice.line("x" * 1000))
                now = samples((await page(port, "/metrics"))[1])
                assert now["im_departures_total reason=backlog"] == 1
            await until(lambda: len(room.server.connections) == 1)

    run(story())


def test_while_the_loop_stands_still_the_server_is_not_healthy(
    run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("im_final.metrics.PATIENCE", 0.05)
    asked = threading.Event()
    pages: list[tuple[int, str]] = []

    def asks(port: int) -> None:
        pages.extend(get(port, path) for path in ("/healthz", "/metrics"))
        asked.set()

    async def story() -> None:
        async with watched() as (_, port):
            threading.Thread(target=asks, args=(port,)).start()
            assert asked.wait(PATIENCE)  # No await: the loop stands still.
            assert [status for status, _ in pages] == [503, 503]
            assert await page(port, "/healthz") == (200, "ok\n")

    run(story())
    assert capfd.readouterr() == ("", "")


def test_one_who_asks_nothing_keeps_nobody_else_waiting(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("im_final.metrics.Quiet.timeout", 2 * PATIENCE)

    async def story() -> None:
        async with watched() as (_, port):
            with socket.create_connection(("127.0.0.1", port)) as silent:
                silent.sendall(b"GET /metrics HT")
                assert await page(port, "/healthz") == (200, "ok\n")

    run(story())

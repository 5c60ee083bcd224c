"""`python -m benchmarks.cluster`: what a room on many nodes costs, beside a node that is alone.

In each round every set-up does every load, one after the other. All nodes have one core together,
the load and Redis the other, so rates are not those of three machines: what is compared is how many
lines are delivered for a second of the nodes' processor time, and how long an echo takes.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import psutil
import redis

from benchmarks.contenders import LOAD_CORE, CannotRun, Running, im_final, on_core
from benchmarks.fan_in import LINE, cost_of_an_entry
from benchmarks.run import load
from im_final.cluster.address import Server
from im_final.cluster.redis import Redis
from stages.check.program import free_port

START = 10.0  # Seconds until Redis must answer.
TRIPS = 2000  # Round trips to Redis that are timed.
READING = (1, 10, 100, 500)  # Nodes.
SIZE = 64  # Bytes of a message.
Figures = dict[str, Any]


@dataclass(frozen=True)
class SetUp:
    """So many processes, over Redis or not."""

    name: str
    words: Sequence[str] = ()


LOADS: dict[str, Figures] = {
    "flood, 99 readers": {"do": "flood", "readers": 99, "size": SIZE},
    "echo, 1 talker": {"do": "conversation", "talkers": 1, "readers": 2, "size": SIZE},
    "echo, 20 talkers": {"do": "conversation", "talkers": 20, "readers": 100, "size": SIZE},
}
OVER = ("--backplane", "redis://127.0.0.1:{redis}/0")
SET_UPS = (
    SetUp("one node, alone"),
    SetUp("one node, over Redis", OVER),
    SetUp("three nodes, over Redis", (*OVER, "--workers", "3")),
)


class Store:
    """A Redis that keeps nothing on disk, and how much processor time it uses."""

    def __init__(self, folder: str) -> None:
        self.port = free_port()
        words = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port)]
        words += ["--save", "", "--dir", folder]
        try:
            with on_core(LOAD_CORE):
                self.process = Popen(words, stdin=DEVNULL, stdout=DEVNULL)
        except OSError:
            raise CannotRun("redis-server is not installed; it is Debian's redis-server") from None
        self.watched = psutil.Process(self.process.pid)
        self.client = redis.Redis(port=self.port)
        deadline = time.monotonic() + START
        while True:
            try:
                self.client.ping()
            except redis.exceptions.RedisError:
                if time.monotonic() > deadline:
                    self.process.kill()
                    raise CannotRun("redis-server does not answer") from None
                time.sleep(0.02)
            else:
                return

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        times = self.watched.cpu_times()
        return float(times.user + times.system)

    async def round_trips(self) -> Figures:
        """Seconds that a node takes, in the middle of many, for nothing, and for a turn."""
        node = Redis(Server("127.0.0.1", self.port), "im:{trips}", START)
        await node.open()
        await node.script("enter", "n", 60_000, 2**28, node.run, 0, "chain", "", "")
        nothing, turn = [], []
        for number in range(TRIPS):
            began = time.perf_counter()
            await node.call("PING")
            between = time.perf_counter()
            await node.script("turn", "n", 60_000, 2**28, number + 1, "say", LINE)
            nothing.append(between - began)
            turn.append(time.perf_counter() - between)
        await node.close()
        return {"ping": statistics.median(nothing), "turn": statistics.median(turn)}


@contextmanager
def store() -> Iterator[Store]:
    """A Redis for one measurement."""
    with tempfile.TemporaryDirectory() as folder:
        running = Store(folder)
        try:
            yield running
        finally:
            running.client.close()
            running.process.terminate()
            running.process.wait()


def measure(set_up: SetUp, order: Figures, loop: str) -> Figures:
    """One load on one set-up, and what Redis used. Raises CannotRun."""
    with store() as redis_server:
        words = [word.replace("{redis}", str(redis_server.port)) for word in set_up.words]
        alone = im_final(set_up.name, loop)
        contender = replace(alone, command=[*alone.command, *words])
        with Running(contender) as running:
            cpu, began = redis_server.cpu(), time.perf_counter()
            figures = load(running, order)
            took = time.perf_counter() - began
            figures["redis_cpu"] = (redis_server.cpu() - cpu) / took
            figures["entries"] = redis_server.client.xlen("im:{lobby}:log")
        figures |= asyncio.run(redis_server.round_trips())
    return figures


def rows(results: Sequence[tuple[str, str, Figures]]) -> Iterator[str]:
    """A table in Markdown: medians of all rounds."""
    yield "| load | set-up | lines/s | for a CPU second | nodes' CPU | Redis's CPU | p50 | p99 |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in LOADS:
        for set_up in SET_UPS:
            found = [figures for a, b, figures in results if (a, b) == (name, set_up.name)]
            if found:
                yield row(name, set_up.name, found)


def row(name: str, set_up: str, found: Sequence[Figures]) -> str:
    """The medians of one case."""

    def middle(key: str) -> float:
        return statistics.median(float(one.get(key) or 0.0) for one in found)

    delivered = (
        "deliveries_per_second" if "deliveries_per_second" in found[0] else "lines_per_second"
    )
    rate = middle(delivered)
    cpu = middle("cpu")
    cells = [name, set_up, f"{rate:,.0f}", f"{rate / cpu:,.0f}", f"{cpu:.0%}"]
    cells.append(f"{middle('redis_cpu'):.0%}" if "over" in set_up else "")
    cells += [f"{middle(key) * 1000:.2f} ms" if middle(key) else "" for key in ("p50", "p99")]
    return f"| {' | '.join(cells)} |"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    parser.add_argument("--loop", default="asyncio", help="asyncio or uvloop")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write all figures there, in JSON")
    options = parser.parse_args(argv)
    results: list[tuple[str, str, Figures]] = []
    try:
        for _ in range(options.rounds):
            for name, order in LOADS.items():
                for set_up in SET_UPS:
                    figures = measure(set_up, {**order, "seconds": options.seconds}, options.loop)
                    results.append((name, set_up.name, figures))
    except CannotRun as error:
        print(f"benchmarks.cluster: {error}", file=sys.stderr)
        return 1
    print("\n".join(rows(results)))
    ping, turn = (statistics.median(one[key] for _, _, one in results) for key in ("ping", "turn"))
    print(f"\nA node's round trip to Redis: {ping * 1e6:.0f} µs for nothing (PING),", end=" ")
    print(f"{turn * 1e6:.0f} µs for a turn with a line.")
    print("\nWhat a line costs Redis that is said alone, by how many nodes read it:\n")
    with store() as redis_server:
        for nodes in READING:
            cost = cost_of_an_entry(redis_server, nodes, options.seconds)
            print(f"* {nodes}: {cost * 1e6:.0f} µs")
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

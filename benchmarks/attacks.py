"""`python -m benchmarks.attacks`: what an attack costs the server, and what the others feel of it.

Each attack (`attackers.py`) meets a server with its default limits, on a core of its own. The
attackers' addresses are not exempt; one address attacks, and then ten together. Meanwhile others
talk (`others.py`), from an address that is exempt, so that no pace of theirs is measured.
"""

import argparse
import asyncio
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks.attackers import ATTACKS, Attack
from benchmarks.contenders import LOAD_CORE, PYTHON, Contender, Running, on_core
from benchmarks.load import percentiles
from benchmarks.others import waits
from benchmarks.record import machine
from benchmarks.report import grid

PAGE = Path(__file__).parents[1] / "docs" / "running.md"
BEGIN, END = "<!-- attacks: made by benchmarks/attacks.py -->\n", "<!-- end of attacks -->\n"
LOOPS = ("asyncio", "uvloop")
ADDRESSES = (1, 10)
PASSWORD = "open sesame\n"  # noqa: S105 - of a room that lasts for seconds
BEFORE = 0.5  # Seconds that the others talk before the attack begins.
say = Console(stderr=True, highlight=False).print


@dataclass(frozen=True)
class Outcome:
    """What came of an attack: the server's share of a core, and the waits of others, in seconds."""

    cpu: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.cpu:.0%}, {self.p50 * 1e3:.2f} / {self.p99 * 1e3:.2f}"


def server(loop: str, room: str) -> Contender:
    """The finished server with its default limits; only the one who is measured is exempt."""
    command = [PYTHON, "-m", "im_final", "serve", "--port", "{port}", "--loop", loop]
    command += ["--exempt", "127.0.0.1/32"]
    command += ["--password-file", "{dir}/password"] if room == "closed" else []
    command += ["--tls-cert", "{dir}/tls.pem"] if room == "tls" else []
    return Contender(f"im_final, {loop}", command, files={"password": PASSWORD}, tls=room == "tls")


def measure(attack: Attack, loop: str, addresses: int, seconds: float) -> Outcome:
    """One attack on a server of its own. Raises CannotRun, and ConnectionError."""
    tls = ssl._create_unverified_context() if attack.room == "tls" else None  # noqa: S323 - our own
    hello = PASSWORD.encode() if attack.room == "closed" else b""
    with Running(server(loop, attack.room)) as running, on_core(LOAD_CORE):
        process = psutil.Process(running.pid)
        order = {"attack": attack.name, "port": running.port, "addresses": addresses}
        order["seconds"] = seconds + BEFORE
        with subprocess.Popen(
            [PYTHON, "-m", "benchmarks.attackers", json.dumps(order)], stdout=subprocess.DEVNULL
        ) as attackers:
            try:
                used, began = process.cpu_times(), time.perf_counter()
                ranked = asyncio.run(waits(running.port, seconds, hello, tls))
                took, now = time.perf_counter() - began, process.cpu_times()
            finally:
                attackers.kill()
    at = percentiles(ranked)
    cpu = ((now.user - used.user) + (now.system - used.system)) / took  # Never below nothing.
    return Outcome(cpu, at["p50"], at["p99"])


def row(attack: Attack, loops: Sequence[str], seconds: float) -> list[str]:
    """An attack, and what came of it: for each number of addresses, on each loop."""
    cells = [attack.name]
    for addresses in ADDRESSES:
        for loop in loops:
            try:
                cells.append(str(measure(attack, loop, addresses, seconds)))
            except ConnectionError as error:
                cells.append(str(error))
            say(f"{attack.name}; {loop}, addresses: {addresses}: {cells[-1]}")
    return cells


def table(attacks: Iterable[Attack], loops: Sequence[str], seconds: float) -> str:
    """All of them, in Markdown."""
    columns = [f"{loop}, addresses: {count}" for count in ADDRESSES for loop in loops]
    return grid("attack", columns, [row(attack, loops, seconds) for attack in attacks])


def put_into(page: str, made: str) -> str:
    """The page with this table in its place. Raises ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no place for the table, between {BEGIN!r} and {END!r}")
    return before + BEGIN + "\n" + made + "\n\n" + END + after


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.attacks",
        description="what attacks cost, and what others feel",
        allow_abbrev=False,
    )
    parser.add_argument("--only", nargs="+", default=list(ATTACKS), metavar="ATTACK")
    parser.add_argument("--loops", nargs="+", default=list(LOOPS), choices=LOOPS)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one attack")
    parser.add_argument("--write", action="store_true", help="put the table into docs/running.md")
    options = parser.parse_args(argv)
    if unknown := [name for name in options.only if name not in ATTACKS]:
        parser.error(f"there is no attack {unknown[0]!r}; there are {'; '.join(ATTACKS)}")
    made = table([ATTACKS[name] for name in options.only], options.loops, options.seconds)
    made = f"{machine()}; {options.seconds:g} s each.\n\n{made}"
    print(made)
    if options.write:
        PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks run`: measure, and write JSON, a page and plots; `report` writes again."""

import argparse
import math
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks import scenarios
from benchmarks.contenders import CONTENDERS, LIMIT, Contender, from_option, tutorial
from benchmarks.page import page
from benchmarks.plots import plot
from benchmarks.record import Record, machine
from benchmarks.run import Benchmark

RESULTS = "results.json"
FILES = 12_000  # As many connections as there are, and some.
say = Console(stderr=True, highlight=False).print


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run", help="measure everything, or what you choose", allow_abbrev=False
    )
    run.add_argument("--only", nargs="+", default=[], metavar="SCENARIO", help="these scenarios")
    run.add_argument("--peers", nargs="+", default=[], metavar="NAME", help="these contenders")
    run.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                     help="one more that speaks the protocol; {port} is filled in")  # fmt: skip
    run.add_argument("--tutorial", metavar="PROGRAM", help="the tutorial's server at its stage 8")
    run.add_argument("--rounds", type=int, default=5)
    run.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    run.add_argument("--keep", action="store_true",
                     help="keep what FOLDER has of other scenarios")  # fmt: skip
    run.add_argument("--out", type=Path, default=Path("benchmark-results"), metavar="FOLDER")
    again = commands.add_parser(
        "report", help="write the page and the plots of a run again", allow_abbrev=False
    )
    again.add_argument("folder", type=Path, help="where its results.json is")
    options = parser.parse_args(argv)
    try:
        if "folder" in options:
            return write(Record.read(options.folder / RESULTS), options.folder)
        chosen = list(scenarios.chosen(scenarios.make(options.seconds), options.only))
        contenders = choose(options)
        kept = keep(options, chosen) if options.keep else None
        options.out.mkdir(parents=True, exist_ok=True)
        allow_files()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    return measure(chosen, contenders, options, kept)


def choose(options: argparse.Namespace) -> list[Contender]:
    """The contenders that were asked for. Raises ValueError."""
    guests = [from_option(text) for text in options.peer]
    everyone = [*CONTENDERS, *guests]
    if options.tutorial:
        everyone.append(tutorial(options.tutorial))
    everyone.append(LIMIT)
    names = [one.name for one in everyone]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"two contenders are called {twice[0]}")
    if unknown := [name for name in options.peers if name not in names]:
        raise ValueError(f"there is no contender {unknown[0]}; there are {'; '.join(names)}")
    return [
        one for one in everyone if not options.peers or one.name in options.peers or one in guests
    ]


def keep(options: argparse.Namespace, chosen: Sequence[scenarios.Scenario]) -> Record:
    """What an earlier run found of other scenarios. Raises OSError, and ValueError."""
    record = Record.read(options.out / RESULTS)
    if (record.rounds, record.seconds) != (options.rounds, options.seconds):
        raise ValueError(
            f"--keep: {options.out} has {record.rounds} rounds of {record.seconds:g} s; "
            "measure as many, and as long"
        )
    again = {scenario.name for scenario in chosen}
    others = [result for result in record.results if result.scenario not in again]
    return replace(record, results=others)


def allow_files() -> None:
    """As many open files as the system lets us have; who is started here may have so many, too."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < FILES:
        say(f"only {most:,} files may be open here: cases with more connections will fail")


def measure(
    chosen: Sequence[scenarios.Scenario],
    contenders: Sequence[Contender],
    options: argparse.Namespace,
    kept: Record | None,
) -> int:
    """Run it all and write what came of it, even of a part."""
    for contender in contenders:
        if reason := contender.missing():
            say(f"without {contender.name}: {reason}")
    benchmark = Benchmark(chosen, contenders, options.rounds)
    minutes = math.ceil(benchmark.seconds(benchmark.plan()) / 60)
    say(f"This takes about {minutes} min; Ctrl-C ends it and keeps what was measured.")
    versions = {one.name: one.version() for one in benchmark.contenders}
    status = 0
    try:
        benchmark.run()
    except KeyboardInterrupt:
        status = 130
        if not benchmark.results:
            say("interrupted, before anything was measured; nothing is written")
            return status
        say("interrupted; what was measured is written")
    finally:
        results = benchmark.results
        if kept:
            versions, results = {**kept.versions, **versions}, [*kept.results, *results]
        record = Record(machine(), versions, options.rounds, options.seconds, results)
        if benchmark.results:
            record.write(options.out / RESULTS)
    return write(record, options.out) or status


def write(record: Record, folder: Path) -> int:
    """Write the page and the plots."""
    (folder / "report.md").write_text(page(record), encoding="utf-8")
    plot(record, folder)
    say(f"written: {folder / 'report.md'}, {RESULTS}, and the plots")
    return 0


if __name__ == "__main__":
    sys.exit(main())

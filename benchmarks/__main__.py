"""`python -m benchmarks run`: measure, and write JSON, a page and plots."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import report, scenarios
from benchmarks.contenders import CONTENDERS, LIMIT, Contender, from_option, tutorial
from benchmarks.run import Benchmark

say = Console(stderr=True, highlight=False).print


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    run = commands.add_parser("run", help="measure everything, or what you choose")
    run.add_argument("--only", nargs="+", default=[], metavar="SCENARIO", help="these scenarios")
    run.add_argument("--peers", nargs="+", default=[], metavar="NAME", help="these contenders")
    run.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                     help="one more that speaks the protocol; {port} is filled in")  # fmt: skip
    run.add_argument("--tutorial", metavar="PROGRAM", help="the tutorial's server at its stage 8")
    run.add_argument("--rounds", type=int, default=5)
    run.add_argument("--seconds", type=float, default=2.0, help="length of one measurement")
    run.add_argument("--out", type=Path, default=Path("benchmark-results"), metavar="FOLDER")
    options = parser.parse_args(argv)
    try:
        chosen = list(scenarios.chosen(scenarios.make(options.seconds), options.only))
        contenders = choose(options)
    except ValueError as error:
        run.error(str(error))
    return measure(chosen, contenders, options.rounds, options.out)


def choose(options: argparse.Namespace) -> list[Contender]:
    """The contenders that were asked for. Raises ValueError."""
    everyone = [*CONTENDERS, *map(from_option, options.peer)]
    if options.tutorial:
        everyone.append(tutorial(options.tutorial))
    everyone.append(LIMIT)
    names = [one.name for one in everyone]
    if unknown := [name for name in options.peers if name not in names]:
        raise ValueError(f"there is no contender {unknown[0]}; there are {'; '.join(names)}")
    return [one for one in everyone if not options.peers or one.name in options.peers]


def measure(
    chosen: Sequence[scenarios.Scenario], contenders: Sequence[Contender], rounds: int, out: Path
) -> int:
    """Run it all and write what came of it, even of a part."""
    for contender in contenders:
        if reason := contender.missing():
            say(f"without {contender.name}: {reason}")
    benchmark = Benchmark(chosen, contenders, rounds)
    say(f"This takes about {benchmark.seconds(benchmark.plan()) / 60:.0f} minutes.")
    status = 0
    try:
        benchmark.run()
    except KeyboardInterrupt:
        say("interrupted; what was measured is written")
        status = 130
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(benchmark.as_json() + "\n", encoding="utf-8")
    table = report.Table(benchmark.results)
    page = report.markdown(chosen, contenders, table)
    (out / "report.md").write_text(f"{report.machine()}\n\n{page}", encoding="utf-8")
    report.plot(chosen, contenders, table, out)
    say(f"written: {out / 'report.md'}, results.json, and the plots")
    return status


if __name__ == "__main__":
    sys.exit(main())

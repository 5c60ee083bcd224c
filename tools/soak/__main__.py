"""`python -m tools.soak --minutes 30 --loop both`: faults, one after the other, and a checker.

People talk at every node all the time. After each fault, a checker looks at the lines that they
have sent and read. Every kind of fault comes once, in an order that the seed decides; then all
kinds come again, in another order.
"""

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import redis

from tools.soak import clock
from tools.soak.deck import KINDS, Kind
from tools.soak.house import has_redis
from tools.soak.report import Report
from tools.soak.rounds import no_start, play
from tools.soak.site import Plan, site

LOOPS = ("asyncio", "uvloop")


async def soak(plan: Plan, deck: Sequence[Kind], report: Report, end: Callable[[], bool]) -> None:
    """Make the faults of a deck, in its order, on sites of one plan, until the `end`.

    A site that is stuck is taken down, and another one goes on.
    """
    waiting = list(deck)
    while waiting and not end():
        try:
            async with site(plan) as built:
                while waiting and not end():
                    outcome = await play(built, waiting.pop(0))
                    report.add(outcome, built.logs() if outcome.violations else "")
                    if outcome.stuck:
                        break
        except (OSError, redis.RedisError) as error:
            report.add(no_start(plan), "\n".join(error.__notes__))
            return


def decks(
    kinds: Sequence[Kind], loop: str, seed: str, keeps: bool
) -> Iterator[tuple[Plan, list[Kind]]]:
    """A plan without Sentinels and one with them, each with the kinds that it allows, shuffled."""
    for has_sentinels in (False, True):
        plan = Plan(loop, f"{seed} {has_sentinels}", keeps, has_sentinels)
        deck = [one for one in kinds if (one.needs == "sentinels") == has_sentinels]
        random.Random(plan.seed).shuffle(deck)  # noqa: S311 - no secret
        yield plan, deck


async def soak_loop(loop: str, options: argparse.Namespace, kinds: Sequence[Kind],
                    report: Report) -> None:  # fmt: skip
    """Make faults for as long as the options say, with nodes on this event loop."""
    end: float = time.monotonic() + 60 * options.minutes

    def is_end() -> bool:
        return time.monotonic() > end

    for count in itertools.count():
        for plan, deck in decks(kinds, loop, f"{options.seed} {loop} {count}", options.keeps):
            await soak(plan, deck, report, is_end)
        if options.once or is_end():
            return


async def soak_loops(options: argparse.Namespace, kinds: Sequence[Kind], report: Report) -> None:
    """Run a soak on each event loop that the options name, side by side."""
    loops = LOOPS if options.loop == "both" else [options.loop]
    async with asyncio.TaskGroup() as tasks:
        for loop in loops:
            tasks.create_task(soak_loop(loop, options, kinds, report))


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.soak", description=__doc__, allow_abbrev=False
    )
    names = [one.name for one in KINDS]
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--once", action="store_true", help="end when each fault has come once")
    parser.add_argument("--loop", choices=[*LOOPS, "both"], default="both", help="of the nodes")
    parser.add_argument("--seed", type=int, default=None, help="which faults come, and when")
    parser.add_argument(
        "--only",
        choices=names,
        action="append",
        metavar="FAULT",
        help=f"only faults of this kind, or of these kinds: {', '.join(names)}",
    )
    parser.add_argument("--keeps", action="store_true", help="Redis writes all to its disk at once")
    parser.add_argument(
        "--histories",
        type=Path,
        metavar="FOLDER",
        help="keeps the history and the logs of each round with a violation there",
    )
    options = parser.parse_args(argv)
    if options.seed is None:
        options.seed = random.randrange(2**32)  # noqa: S311 - no secret
    return options


def possible(names: Sequence[str] | None, report: Report) -> list[Kind]:
    """The kinds of faults with these names, or all, that this machine allows."""
    asked = [one for one in KINDS if not names or one.name in names]
    lacking = [one for one in asked if one.needs == "clock" and clock.why_not()]
    for one in lacking:
        report.say(f"skipped: {one.name}: Redis's clock cannot be set: {clock.why_not()}")
    return [one for one in asked if one not in lacking]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the soak; return the exit status, which is 1 if a promise was broken."""
    options = parsed(argv)
    if not has_redis():
        print("tools.soak: redis-server is not installed; it is Debian's redis-server")
        return 1
    report = Report(folder=options.histories)
    report.say(f"--seed {options.seed}")
    kinds = possible(options.only, report)
    if not kinds:
        report.say("no fault is left to make")
        return 1
    try:
        asyncio.run(soak_loops(options, kinds, report))
    finally:
        report.end(options.seed)
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

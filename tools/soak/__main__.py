"""`python -m tools.soak --minutes 10`: faults at random, one after the other, and a checker.

All the while people talk at every node. After each fault, what they have read is checked; the seed
is shown, so that a run can be made again, as far as time allows.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence

from tools.soak import faults
from tools.soak.house import House, has_redis, house
from tools.soak.talkers import Wrong, all_fall_silent, check

AT_EACH = 2  # People at each node.
NEVER = "something never came back"


async def crash(built: House, number: int) -> None:
    """A node is killed, and started again; its people are gone."""
    built.nodes[number].end()
    await built.nodes[number].start()


async def one_fault(built: House, fault: faults.Fault, number: int, chance: random.Random) -> int:
    """People come, talk through a fault, and are asked what they read; how many lines that was."""
    talkers = [built.talker(f"p{at}") for at in range(AT_EACH * len(built.nodes))]
    try:
        for at, talker in enumerate(talkers):
            await talker.comes(built.nodes[at % len(built.nodes)].port)
            talker.begins_to_talk()
        await asyncio.sleep(chance.uniform(0.1, 1.0))
        await fault(built, number)
        await faults.all_is_well(built)
        await asyncio.sleep(chance.uniform(0.1, 1.0))
        await all_fall_silent(talkers)
        return check(talkers)
    finally:
        for talker in talkers:
            await talker.leaves()
            built.people.remove(talker)


async def soak(minutes: float, nodes: int, seed: int, *, keeps: bool) -> None:
    """Go on for so long. Raises Wrong, and TimeoutError when something never comes back."""
    chance = random.Random(seed)  # noqa: S311 - which fault comes next is no secret
    end = time.monotonic() + 60 * minutes
    async with house(nodes, keeps=keeps) as built:
        count = 0
        while time.monotonic() < end:
            fault = chance.choice([*faults.FAULTS, crash])
            number = chance.randrange(nodes)
            began = time.monotonic()
            lines = await one_fault(built, fault, number, chance)
            count += 1
            took = time.monotonic() - began
            print(f"{count:4} {fault.__name__:18} node {number}  {lines:7} lines  {took:4.1f} s",
                  flush=True)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked for; returns the exit status: 1 if something was not kept."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.soak", description=__doc__, allow_abbrev=False
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=None, help="which faults come, and when")
    parser.add_argument("--keeps", action="store_true", help="Redis writes all to its disk at once")
    options = parser.parse_args(argv)
    if not has_redis():
        print("tools.soak: redis-server is not installed; it is Debian's redis-server")
        return 1
    seed = random.randrange(2**32) if options.seed is None else options.seed  # noqa: S311
    print(f"--seed {seed}", flush=True)
    try:
        asyncio.run(soak(options.minutes, options.nodes, seed, keeps=options.keeps))
    except (Wrong, TimeoutError) as wrong:
        print(f"tools.soak: {str(wrong) or NEVER}", *getattr(wrong, "__notes__", ()), sep="\n")
        return 1
    print("all was kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())

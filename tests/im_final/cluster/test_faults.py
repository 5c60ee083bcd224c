"""After each fault: what a sender saw come back was read once, in one order, by all who stayed.

A fault is mostly waiting, so some of them are made at the same time, each in a house of its own.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from im_final import phrases
from tests.im_final.children import POSIX
from tests.needs import need
from tools.soak import faults
from tools.soak.house import house
from tools.soak.talkers import all_fall_silent, check

pytestmark = POSIX
KEPT = (faults.restart_redis, faults.leave_redis_dead)  # Once more, with a Redis that keeps all.
CASES = [*[(fault, False) for fault in faults.FAULTS], *[(fault, True) for fault in KEPT]]
AT_ONCE = 3

Stories = dict[tuple[faults.Fault, bool], "Future[None]"]


async def story(*, fault: faults.Fault, keeps: bool) -> None:
    async with house(keeps=keeps) as built:
        talkers = [built.talker(f"p{number}") for number in range(6)]
        for number, talker in enumerate(talkers):
            await talker.comes(built.nodes[number % 3].port)
        for talker in talkers:
            talker.begins_to_talk()
        await talkers[0].reads("p5#20")
        await fault(built, 1)
        await faults.all_is_well(built)
        said = [talker.said for talker in talkers]
        for talker, count in zip(talkers, said, strict=True):
            await talkers[0].reads(f"{talker.label}#{count + 3}")
        await all_fall_silent(talkers)
        assert not any(talker.is_gone for talker in talkers)
        went = [line for line in talkers[0].lines if line.endswith(phrases.OFFLINE)]
        assert len(went) == (2 if fault in faults.DEADLY else 0)
        assert check(talkers) > 6 * sum(said)


@pytest.fixture(scope="module")
def stories(request: pytest.FixtureRequest) -> Iterator[Stories]:
    """All that were asked for, a few at a time."""
    need("redis-server")
    asked = [
        item.callspec.params
        for item in request.session.items
        if "stories" in getattr(item, "fixturenames", ())  # A cell of a notebook has none.
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            (one["fault"], one["keeps"]): pool.submit(asyncio.run, story(**one)) for one in asked
        }


@pytest.mark.parametrize(
    ("fault", "keeps"), CASES, ids=[f"{fault.__name__}{'-kept' * keeps}" for fault, keeps in CASES]
)
def test_all_who_stay_read_the_same(stories: Stories, fault: faults.Fault, keeps: bool) -> None:
    stories[fault, keeps].result()

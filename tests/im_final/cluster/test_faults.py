"""Every fault of the soak once, on one event loop or the other: all promises are kept.

A fault is mostly waiting, so some of them are made at the same time, each in a house of its own.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.im_final.children import POSIX
from tests.needs import need
from tools.soak import clock, deck, faults, rounds
from tools.soak.deck import Kind
from tools.soak.site import Plan, site

pytestmark = POSIX
KEPT = (faults.restart_redis, faults.leave_redis_dead)  # Once more, with a Redis that keeps all.
LOOPS = ("asyncio", "uvloop")
SEED = "1"
AT_ONCE = 4
TRIES = 3

CASES = [
    *[(kind, LOOPS[at % 2], False) for at, kind in enumerate(deck.KINDS)],
    *[(kind, LOOPS[at % 2], True) for at, kind in enumerate(deck.KINDS) if kind.make in KEPT],
]
NAMES = [f"{kind.name}-{loop}{'-kept' * keeps}" for kind, loop, keeps in CASES]
Case = tuple[Kind, str, bool]


async def story(kind: Kind, loop: str, keeps: bool) -> rounds.Outcome:
    """A round; another one, if this machine was too busy to say anything about time."""
    for _ in range(TRIES):
        async with site(Plan(loop, SEED, keeps, kind.needs == "sentinels")) as built:
            outcome = await rounds.play(built, kind)
        if not outcome.is_lame or outcome.violations:
            break
    return outcome


@pytest.fixture(scope="module")
def stories(request: pytest.FixtureRequest) -> Iterator[dict[Case, "Future[rounds.Outcome]"]]:
    """All that were asked for, a few at a time."""
    need("redis-server")
    asked = [
        item.callspec.params["case"]
        for item in request.session.items
        if "stories" in getattr(item, "fixturenames", ())  # A cell of a notebook has none.
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(asyncio.run, story(*case)) for case in asked if can_be(case)}


def can_be(case: Case) -> bool:
    return case[0].needs != "clock" or not clock.why_not()


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_all_promises_are_kept(stories: dict[Case, "Future[rounds.Outcome]"], case: Case) -> None:
    if not can_be(case):
        need("cc")
        pytest.skip(clock.why_not())
    outcome = stories[case].result()
    assert outcome.violations == []
    stayed = [one for one in outcome.history if not one.is_gone]
    assert len(stayed) >= len(outcome.history) / 2
    assert all(len(list(one.chat())) > 2 * len(stayed) for one in stayed)

"""After each fault: what a sender saw come back was read once, in one order, by all who stayed."""

import asyncio

import pytest

from im_final import phrases
from tests.im_final.children import POSIX
from tests.needs import need
from tools.soak import faults
from tools.soak.house import house
from tools.soak.talkers import all_fall_silent, check

pytestmark = POSIX
OF_REDIS = [faults.restart_redis, faults.leave_redis_dead]


async def story(fault: faults.Fault, *, keeps: bool) -> None:
    async with house(keeps=keeps) as built:
        talkers = [built.talker(f"p{number}") for number in range(6)]
        for talker in talkers:
            await talker.comes(built.nodes[int(talker.label[1:]) % 3].port)
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


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.__name__)
def test_all_who_stay_read_the_same(fault: faults.Fault) -> None:
    need("redis-server")
    asyncio.run(story(fault, keeps=False))


@pytest.mark.parametrize("fault", OF_REDIS, ids=lambda fault: fault.__name__)
def test_all_who_stay_read_the_same_with_a_redis_that_keeps_its_data(fault: faults.Fault) -> None:
    need("redis-server")
    asyncio.run(story(fault, keeps=True))

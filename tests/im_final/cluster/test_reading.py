"""Reading the room's stream: what is kept of it, and who is waited for."""

import asyncio
import contextlib
from typing import Any

import pytest

from im_final.cluster import reading as module
from im_final.cluster.entries import Private
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import LATE, MERCY, PACE, Astray, Reading
from im_final.cluster.redis import Redis
from tests.im_final.cluster.granted import people


def test_only_who_is_still_here_is_waited_for_while_catching_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, replica, (alice, bob) = people(2)
    for guest in (alice, bob):
        guest.hears()
        guest.reader.blocked = True
    made.log.append(b"x" * LATE + b"\n")
    made.log.seal()
    bob.offline()
    reading = Reading(replica)
    waits = 0

    async def sleep(_: float) -> None:
        nonlocal waits
        waits += 1
        if waits == 3:
            alice.reader.blocked = False
            alice.hears()

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    asyncio.run(reading.wait_for_readers())
    assert bob.outbox.owed > LATE
    assert waits == 3
    assert reading.mercy == pytest.approx(MERCY - 3 * PACE)


class Forgetful(Redis):
    """A Redis that was started anew, and takes whatever it is offered."""

    run = b"run"

    def __init__(self, resume: list[Any]) -> None:
        self.resume = resume
        self.asked: list[str] = []

    async def script(self, what: str, *_: Any) -> list[Any]:
        self.asked.append(what)
        return self.resume if what == "resume" else [b"ok"]


@pytest.mark.parametrize("other_was_first", [False, True])
def test_private_lines_of_entries_that_redis_has_lost_are_not_taken_for_those_of_new_ones(
    *, other_was_first: bool
) -> None:
    _, replica, _ = people(1)
    reading = Reading(replica)
    place = Place(Terms(1.0, 4.0, 2**28), replica, reading)
    old = [Private(b"n1.1", "bob", "of an entry that was not read")]
    reading.private, reading.private_after = {replica.number + 2: old}, f"{replica.number + 2}-0"
    redis = Forgetful([b"ok"] if other_was_first else [b"behind", b"0", b""])

    async def story() -> None:
        with contextlib.suppress(Astray):
            await place.find(redis, redis)

    asyncio.run(story())
    assert redis.asked == ["resume", *["offer"][other_was_first:]]
    assert reading.private == {}
    assert reading.private_after == f"{replica.number}-0"

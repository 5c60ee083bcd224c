"""Reading the room's stream: what is kept of it, and who is waited for."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from im_final.cluster import reading as module
from im_final.cluster.entries import Private
from im_final.cluster.member import SharedRoom
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import (
    AT_LEAST,
    AT_ONCE,
    COUNT,
    GRACE,
    LATE,
    MERCY,
    MUCH,
    PACE,
    Astray,
    Reading,
)
from im_final.cluster.redis import Closed, Redis
from tests.im_final.cluster.desks import Person
from tests.im_final.cluster.granted import happens, people


def waits(monkeypatch: pytest.MonkeyPatch, reading: Reading, *what: Callable[[], object]) -> int:
    """How often the readers are looked at before it goes on; meanwhile these things happen."""
    happening, count = iter(what), 0

    async def sleep(_: float) -> None:
        nonlocal count
        count += 1
        next(happening, lambda: None)()

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    asyncio.run(reading.wait_for_readers())
    return count


def much_is_said(made: SharedRoom, *people: Person) -> None:
    """So much is said that these, who read no more, are late."""
    for one in people:
        one.reader.blocked = True
    made.log.append(b"x" * LATE + b"\n")
    made.log.seal()


def test_only_who_is_still_here_is_waited_for_while_catching_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, replica, (alice, bob) = people(2)
    reading = Reading(replica)
    reading.see_if_late(COUNT, 0)
    much_is_said(made, alice, bob)
    bob.offline()

    def alice_reads() -> None:
        alice.reader.blocked = False
        alice.hears()

    assert waits(monkeypatch, reading, lambda: None, lambda: None, alice_reads) == 3
    assert bob.outbox.owed > LATE
    assert reading.mercy == pytest.approx(MERCY - 3 * PACE)


def test_who_takes_nothing_is_waited_for_a_moment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, replica, (alice, bob) = people(2)
    reading = Reading(replica)
    reading.see_if_late(COUNT, 0)
    much_is_said(made, alice)
    bob.hears()
    moment = pytest.approx(GRACE / PACE, abs=1)
    assert waits(monkeypatch, reading) == moment
    for _ in range(2):  # One who can follow is waited for each time.
        much_is_said(made, alice)
        assert waits(monkeypatch, reading, bob.hears) == 1
    much_is_said(made, alice, bob)
    assert waits(monkeypatch, reading) == moment
    assert waits(monkeypatch, reading) == 0


def test_who_was_late_before_or_has_come_since_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, replica, (alice,) = people(1)
    reading = Reading(replica)
    much_is_said(made, alice)
    reading.see_if_late(COUNT, 0)
    carol = Person(made, "192.0.2.3:50001")
    carol.online()
    happens(made, replica)
    much_is_said(made, carol)
    assert waits(monkeypatch, reading) == 0
    reading.see_if_late(1, 100)
    assert not reading.is_late
    for guest in (alice, carol):
        guest.reader.blocked = False
        guest.hears()
    reading.see_if_late(COUNT, 0)
    much_is_said(made, alice, carol)
    assert waits(monkeypatch, reading) > 0


def counts(reading: Reading, *sizes: int, replies: int) -> list[int]:
    """How many entries are asked for, one reply after the other; each is full of these sizes."""
    asked = []
    for _ in range(replies):
        asked.append(reading.count)
        reading.weigh([sizes[at % len(sizes)] for at in range(reading.count)])
    return asked


def test_a_reply_has_twice_as_many_entries_as_the_one_before_and_never_more_than_enough() -> None:
    reading = Reading(people(1)[1])
    assert counts(reading, 100, replies=9) == [1, 2, 4, 8, 16, 32, 64, 64, 64]
    reading.weigh([100, 100])
    assert reading.count == 4, "all was read, so it begins with few again"
    reading.weigh([])
    assert reading.count == 1


def test_a_reply_has_no_more_entries_than_the_largest_that_came_allow() -> None:
    reading = Reading(people(1)[1])
    assert counts(reading, AT_ONCE // 3, 10, replies=5) == [1, 2, 3, 3, 3]
    assert counts(reading, 2 * AT_ONCE, replies=3) == [3, 1, 1]


def test_after_a_connection_was_lost_with_more_to_read_less_is_asked_for_until_all_is_read() -> (
    None
):
    _, replica, _ = people(1)
    reading = Reading(replica)

    async def lose(*replies: int) -> None:
        """Read full replies with so many bytes in each entry, then have the connection lost."""
        for size in replies:
            reading.weigh([size] * reading.count)
        with contextlib.suppress(Closed):
            await reading.read_some(Lost())
        reading.go_back()

    asyncio.run(lose())
    assert reading.at_once == AT_ONCE, "there was nothing more to read"
    for part in (2, 4, 8, 8):
        asyncio.run(lose(AT_ONCE // 8))
        assert (reading.at_once, reading.count) == (AT_ONCE // part, 1)
    assert counts(reading, AT_LEAST // 2, replies=4) == [1, 2, 2, 2]
    reading.weigh([])
    assert reading.at_once == AT_ONCE


def test_full_replies_one_after_the_other_are_a_sign_that_a_node_is_late() -> None:
    reading = Reading(people(1)[1])
    counts(reading, 100, replies=6)
    assert not reading.is_late
    counts(reading, 100, replies=1)
    assert reading.is_late
    reading.weigh([100])
    reading.weigh([100])
    assert not reading.is_late
    counts(reading, MUCH // 4, replies=5)
    assert reading.is_late


class Lost(Redis):
    """A Redis that hangs up instead of an answer."""

    def __init__(self) -> None:
        pass

    async def read(self, *_: Any) -> dict[str, Any]:
        raise Closed


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

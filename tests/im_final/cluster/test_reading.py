"""Reading the room's stream: what is kept of it, and who is waited for."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from im_final.cluster import reading as module
from im_final.cluster.entries import Private, chain_after
from im_final.cluster.member import SharedRoom
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import BACKLOG, COUNT, GRACE, LATE, MERCY, PACE, Astray, Reading
from im_final.cluster.redis import Raw, Redis
from im_final.cluster.replica import Replica
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
    asyncio.run(reading.wait_for_readers(0))
    return count


def much_is_said(made: SharedRoom, *people: Person) -> None:
    """So much is said that these, who read no more, are late."""
    for one in people:
        one.reader.blocked = True
    made.log.append(b"x" * int(LATE * BACKLOG) + b"\n")
    made.log.seal()


def test_only_who_is_still_here_is_waited_for_while_catching_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, replica, (alice, bob) = people(2)
    reading = Reading(replica, BACKLOG)
    reading.see_if_late(COUNT, 0)
    much_is_said(made, alice, bob)
    bob.offline()

    def alice_reads() -> None:
        alice.reader.blocked = False
        alice.hears()

    assert waits(monkeypatch, reading, lambda: None, lambda: None, alice_reads) == 3
    assert bob.outbox.owed > LATE * BACKLOG
    assert reading.mercy == pytest.approx(MERCY - 3 * PACE)


def test_who_takes_nothing_is_waited_for_a_moment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, replica, (alice, bob) = people(2)
    reading = Reading(replica, BACKLOG)
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
    reading = Reading(replica, BACKLOG)
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
    reading = Reading(replica, BACKLOG)
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


class Full(Redis):
    """A Redis with a log of entries of this size, of which it gives as many as are asked for."""

    def __init__(self, replica: Replica, size: int, count: int) -> None:
        self.entries: list[Raw] = []
        chain, text = replica.chain, b"x" * (size - 1) + b"\n"
        for number in range(replica.number + 1, replica.number + 1 + count):
            chain = chain_after(chain, b"other.1")
            fields = [b"by", b"other.1 " + chain, b"say", b"1\n" + text]
            self.entries.append((b"%d-0" % number, fields))

    async def read(
        self, after: dict[str, str], count: int, _: int | None = None
    ) -> dict[str, list[Raw]]:
        assert after["log"] != "0"
        found, self.entries = self.entries[:count], self.entries[count:]
        return {"log": found}


@pytest.mark.parametrize("limit", [2**16, 2**17, 2**18, 2**19, 2**20, 2**21])
@pytest.mark.parametrize("size", [4_000, 60_000, 250_000])
def test_who_reads_is_never_owed_more_than_they_may_be(
    monkeypatch: pytest.MonkeyPatch, limit: int, size: int
) -> None:
    made, replica, (alice,) = people(1)
    reading = Reading(replica, limit)
    redis = Full(replica, size, 2 * COUNT)
    most, apply = 0, replica.apply

    def looked_at(*what: Any) -> None:
        nonlocal most
        apply(*what)
        most = max(most, alice.outbox.owed)

    async def sleep(seconds: float) -> None:
        made.log.seal()
        if seconds:
            alice.outbox.take()  # What a slow one takes meanwhile.

    monkeypatch.setattr(replica, "apply", looked_at)
    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    alice.reader.blocked = True

    async def story() -> None:
        while await reading.read_some(redis):
            pass

    asyncio.run(story())
    assert most <= max(limit, size)

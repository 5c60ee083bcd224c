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
from im_final.cluster.reading import COUNT, GRACE, LATE, MERCY, PACE, Astray, Reading
from im_final.cluster.redis import Redis
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

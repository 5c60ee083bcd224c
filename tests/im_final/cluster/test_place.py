"""Who comes in again when a node has to begin anew."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from im_final import phrases
from im_final.cluster import outgoing
from im_final.cluster.entries import Entry, chain_after
from im_final.cluster.operations import Operation
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import BACKLOG, Astray, Reading
from im_final.cluster.redis import Redis
from im_final.cluster.replica import Replica
from tests.im_final.cluster.granted import NODE, happens, people


def test_who_was_leaving_when_the_node_was_taken_for_dead_does_not_come_again() -> None:
    made, replica, (alice, bob) = people(2)
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica, BACKLOG))
    gone: list[object] = []
    alice.do_message("held back")
    bob.do_message("bye")
    bob.offline("farewell", lambda: gone.append(bob))
    replica._leave(b" ".join((alice.uid, bob.uid)), ())
    place.bring_in()
    assert gone == [bob]
    assert bob.hears()[-2:] == [phrases.NOT_SENT, "farewell"]
    assert list(made.people) == [alice]
    happens(made, replica)
    assert made.outgoing.is_empty
    assert made.outgoing.held == 0
    told = [line.removeprefix(f"[{alice.addr}]{alice.addr}:") for line in alice.hears()]
    assert told[-2:] == [phrases.ONLINE, "held back"]
    assert [one.addr for one in replica.state().users] == [alice.addr]
    assert replica.node == NODE


class Watched(deque[Operation]):
    """What waits, and how much of it was looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Operation]:
        for operation in super().__iter__():
            Watched.looks += 1
            yield operation


def test_to_forget_many_who_were_leaving_is_one_look_at_what_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "deque", Watched)
    made, replica, guests = people(20)
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica, BACKLOG))
    for guest in guests:
        guest.offline()
    replica._leave(b" ".join(guest.uid for guest in guests), ())
    Watched.looks = 0
    place.bring_in()
    assert 0 < Watched.looks <= 2 * len(guests)
    assert made.outgoing.is_empty
    assert not made.people


class Founded(Redis):
    """A Redis whose log is always another."""

    run = b"run"

    def __init__(self) -> None:
        pass

    async def script(self, what: str, *_: Any) -> list[Any]:
        assert what == "enter"
        return [b"ok", b"1", b"chain", b"origin", [], []]


def test_each_time_that_something_may_be_lost_its_sender_is_told() -> None:
    made, replica, (alice,) = people(1)
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica, BACKLOG))
    for times in (1, 2):
        for text in ("one", "two"):
            alice.do_message(text)
            made.outgoing.next(replica.node)
            made.outgoing.acknowledged()
        asyncio.run(place.come_anew(Founded()))
        replica.node = NODE
        while not made.outgoing.is_empty:
            happens(made, replica)
        assert alice.hears().count(phrases.NOT_SENT) == times


def events(replica: Replica, *fields: bytes) -> None:
    """The next entry, of these events, as another node has written it."""
    by = b"other.1 " + chain_after(replica.chain, b"other.1")
    replica.apply(Entry.read(b"%d-0" % (replica.number + 1), [b"by", by, *fields]))


@pytest.mark.parametrize("fields", [
    (b"rename", b"nobody.1\nbob\nbob"),
    (b"rename", b"n1.2\nAlice\nalice"),
    (b"join", b"other.1\n192.0.2.9:1\nAlice\nalice"),
])  # fmt: skip
def test_what_cannot_happen_here_is_not_passed_over(fields: tuple[bytes, ...]) -> None:
    made, replica, (alice, _) = people(2)
    events(replica, b"rename", b"n1.1\nalice\nalice")
    assert not replica.has_diverged
    events(replica, *fields)
    assert replica.has_diverged
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica, BACKLOG))
    asyncio.run(place.find(Founded(), Founded()))  # It does not ask whether it can go on.
    assert not replica.has_diverged
    replica.node = NODE
    happens(made, replica)
    assert [one.name for one in made.people] == [one.name for one in made.roster]
    assert phrases.MISSED in alice.hears()


def test_an_address_may_be_that_of_two() -> None:
    _, replica, (alice, _) = people(2)
    address = alice.addr.encode()
    events(replica, b"join", b"\n".join((b"other.1", *[address] * 3)))
    assert not replica.has_diverged
    assert [user.holds_name for user in replica.state().users] == [False, True, True]


class Asked(Redis):
    """A Redis that takes what it is offered, and how many words that was."""

    run = b"run"

    def __init__(self) -> None:
        self.words = 0

    async def script(self, what: str, *words: Any) -> list[Any]:
        assert what == "offer"
        self.words = len(words)
        return [b"ok"]


def test_a_call_has_no_more_words_with_more_users() -> None:
    """Redis takes a million words in a call, and Lua fewer at once."""
    asked = []
    for count in (1, 1000):
        _, replica, _ = people(count)
        replica.tail.clear()
        redis = Asked()
        place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica, BACKLOG))
        with contextlib.suppress(Astray):
            asyncio.run(place.give_back(redis, 0, b""))
        asked.append(redis.words)
    assert 0 < asked[0] == asked[1]

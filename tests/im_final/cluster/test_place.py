"""Who comes in again when a node has to begin anew."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from im_final import phrases
from im_final.cluster import outgoing
from im_final.cluster.operations import Operation
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import Reading
from im_final.cluster.redis import Redis
from tests.im_final.cluster.granted import NODE, happens, people


def test_who_was_leaving_when_the_node_was_taken_for_dead_does_not_come_again() -> None:
    made, replica, (alice, bob) = people(2)
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica))
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
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica))
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
    place = Place(Terms(1.0, 4.0, 2**28), replica, Reading(replica))
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

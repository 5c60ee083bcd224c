"""A Redis that comes back with what it knew long ago, as from a snapshot of its memory."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from im_final.cluster import replica
from im_final.cluster.address import Server
from im_final.cluster.operations import Join
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import BACKLOG, Astray, Reading
from im_final.cluster.redis import Redis
from tests.im_final.cluster.desks import KEEP, LEASE, RUN, Desk, Person
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tools.soak.house import Store

LATER = "another run"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "TAIL", 1000)


@pytest.fixture
def old(store: Store) -> Iterator[Store]:
    """A Redis that may be restarted with a snapshot."""
    yield store
    Path(store.folder, "dump.rdb").unlink(missing_ok=True)


def test_what_redis_knew_long_ago_is_replaced_by_what_is_known(run: Run, old: Store) -> None:
    async def story() -> None:
        async with nodes(old, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            old.client.save()
            for number in range(100):
                alice.says(f"{number}")
                for reader in (alice, bob):
                    await reader.reads(alice.line(f"{number}"))
            bob.says("rename|bill")
            await bob.reads("用户名修改成功,[bob]->[bill]")
            bob.name = "bill"
            old.kill()
            await asyncio.to_thread(old.start)
            bob.says("after")
            for reader in (alice, bob):
                await reader.reads(bob.line("after"))

    run(story())


def offered(store: Store, desk: Desk) -> bool:
    """Whether the node could give back what it knows, to a Redis that has begun another run."""

    async def story() -> bool:
        terms = Terms(1.0, LEASE / 1000, KEEP)
        redis = Redis(Server("127.0.0.1", store.port), desk.prefix, 10.0)
        await redis.open()
        redis.run = LATER.encode()
        place = Place(terms, desk.replica, Reading(desk.replica, BACKLOG))
        try:
            status, number, chain = await place.resume(redis)
            assert status == b"behind"
            await place.give_back(redis, int(number), chain)
        except Astray:
            return True
        finally:
            await redis.close()
        return False

    return asyncio.run(story())


def talks(desk: Desk) -> None:
    """Somebody comes, and says more than is kept."""
    person = Person(desk.room, "192.0.2.1:50001")
    person.online()
    for number in range(50):
        person.do_message(f"{number}")
        desk.send()
    desk.read()


def snapshot(store: Store) -> dict[bytes, bytes]:
    """All that Redis knows."""
    return {key: store.client.dump(key) for key in store.client.scan_iter()}


def restore(store: Store, known: dict[bytes, bytes]) -> None:
    """It knows that again, and nothing else."""
    store.client.flushall()
    for key, value in known.items():
        store.client.restore(key, 0, value)


def test_an_old_state_is_replaced(store: Store) -> None:
    here = Desk(store.client)
    here.enter()
    known = snapshot(store)
    talks(here)
    restore(store, known)
    assert offered(store, here)
    head = store.client.hmget("im:{test}:head", "number", "chain")
    assert head == [b"%d" % here.replica.number, here.replica.chain]
    [(first, _)] = store.client.xrange("im:{test}:log", count=1)
    assert first == b"%d-0" % here.replica.tail[0].number  # Nothing is left of what was before.


def test_what_was_added_since_redis_was_started_is_not_replaced(store: Store) -> None:
    here, there = Desk(store.client), Desk(store.client)
    here.enter()
    known = snapshot(store)
    talks(here)
    restore(store, known)
    words = [LEASE, KEEP, LATER, 0, "founded", "", ""]
    assert there.call("enter", there.node, *words)[0] == b"ok"
    assert not offered(store, here)


def test_another_room_is_not_replaced(store: Store) -> None:
    here, there = Desk(store.client), Desk(store.client)
    here.enter()
    talks(here)
    store.client.flushall()
    words = [LEASE, KEEP, RUN, 0, "founded by another", "", ""]
    assert there.call("enter", there.node, *words)[0] == b"ok"
    assert not offered(store, here)


def test_a_node_that_ends_adds_nothing_before_those_who_know_more_are_back(store: Store) -> None:
    here, there = Desk(store.client), Desk(store.client)
    here.enter()
    there.enter()
    here.read()
    known = snapshot(store)
    here.room.outgoing.ask(Join(Person(here.room, "192.0.2.1:50001"), "192.0.2.1:50001"))
    here.send()
    here.read()
    restore(store, known)
    there.call("retire", there.node, LEASE, KEEP, LATER, LEASE)
    assert offered(store, here)
    assert store.client.xlen("im:{test}:log") == here.replica.number
    there.call("retire", there.node, LEASE, KEEP, LATER, LEASE)
    assert store.client.zscore("im:{test}:leases", there.node)


def test_the_last_of_those_who_are_awaited_may_end(store: Store) -> None:
    here = Desk(store.client)
    here.enter()
    here.call("retire", here.node, LEASE, KEEP, LATER, LEASE)
    assert store.client.keys() == [b"im:{test}:head"]


def test_a_node_that_ends_leaves_nothing_in_a_redis_that_has_lost_all(store: Store) -> None:
    here = Desk(store.client)
    here.enter()
    store.client.flushall()
    here.call("retire", here.node, LEASE, KEEP, LATER, LEASE)
    assert not store.client.keys()


def test_private_lines_for_nodes_that_are_gone_go_though_redis_had_forgotten_that(
    store: Store,
) -> None:
    here, there = Desk(store.client), Desk(store.client)
    here.enter()
    there.enter()
    streams = [f"im:{{test}}:private:{desk.node.decode()}" for desk in (here, there)]
    for stream in streams:
        store.client.xadd(stream, {"uid": "bob\nhello"}, "1-0")
    known = snapshot(store)
    there.call("retire", there.node, LEASE, KEEP, RUN, 0)
    here.read()
    restore(store, known)
    assert offered(store, here)
    assert [store.client.ttl(stream) > 0 for stream in streams] == [False, True]

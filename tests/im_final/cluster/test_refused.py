"""A Redis that answers and refuses, or in which another program has been: people are told, once."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis.exceptions import ReadOnlyError

from im_final import phrases
from tests.im_final.cluster.desks import KEEP, LEASE, RUN, WINDOW, Desk, Person
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tools.soak.house import Store

LOG, HEAD, LEASES = (f"im:{{lobby}}:{name}" for name in ("log", "head", "leases"))
LOG_OF_DESKS = "im:{test}:log"


@contextlib.contextmanager
def full(store: Store) -> Iterator[None]:
    """A Redis that has no memory for more."""
    store.client.config_set("maxmemory", 1)
    try:
        yield
    finally:
        store.client.config_set("maxmemory", 0)


@contextlib.contextmanager
def read_only(store: Store) -> Iterator[None]:
    """A Redis that has become the replica of another, which is not there."""
    store.client.replicaof("127.0.0.1", 1)
    try:
        with pytest.raises(ReadOnlyError):
            store.client.set("key", "value")
        yield
    finally:
        store.client.replicaof("NO", "ONE")


@contextlib.contextmanager
def without_the_right_to_append(store: Store) -> Iterator[None]:
    """A Redis that takes heartbeats and nothing that is said."""
    store.client.execute_command("ACL", "SETUSER", "default", "-xadd", "-xrange")
    try:
        yield
        assert store.client.exists(LOG), "what cannot be looked at is not thrown away"
    finally:
        store.client.execute_command("ACL", "SETUSER", "default", "+xadd", "+xrange")


@contextlib.contextmanager
def waiting(store: Store) -> Iterator[None]:
    """A Redis that was started anew, and waits for a node that does not come."""
    store.client.hset(HEAD, "settled", 2**50)
    store.client.client_kill_filter(_type="normal")
    try:
        yield
    finally:
        store.client.hset(HEAD, "settled", 0)


@contextlib.contextmanager
def of_another_version(store: Store) -> Iterator[None]:
    """A Redis with the room of nodes of another version."""
    store.client.hset(HEAD, "version", "0")
    store.client.zadd(LEASES, {"other": 2**50})
    try:
        yield
    finally:
        store.client.delete(LEASES)  # They end; and nothing of theirs is of use.


@pytest.mark.parametrize(
    "refuses", [full, read_only, without_the_right_to_append, waiting, of_another_version]
)
def test_while_redis_takes_nothing_people_are_told_and_what_they_say_is_held(
    run: Run,
    store: Store,
    caplog: pytest.LogCaptureFixture,
    refuses: Callable[[Store], contextlib.AbstractContextManager[None]],
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here)
            bob = await comes(there, alice)
            with refuses(store):
                said = {one.line("held") for one in (alice, bob)}
                for person in (alice, bob):
                    person.says("held")
                for person in (alice, bob):
                    await person.reads(phrases.AWAY)
                for room in (here, there):
                    assert room.server.statistics().link.state == "away"
            for person in (alice, bob):
                await person.reads(phrases.BACK)
                assert {await person.next_line() for _ in said} == said

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert caplog.text.count("lines are held") == 2, "each node has said so, once"


@pytest.mark.parametrize("write", [
    lambda client: client.xadd(LOG, {"by": "another program"}),
    lambda client: client.xadd(LOG, {"": ""}),
    lambda client: client.set(LOG, "not a stream"),
], ids=["an-entry", "an-empty-entry", "another-type"])  # fmt: skip
def test_what_another_program_puts_into_the_log_is_cleared_away(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, write: Callable[[Any], object]
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here)
            bob = await comes(there, alice)
            for number in range(3):
                write(store.client)
                alice.says(f"{number}")
                for person in (alice, bob):
                    while (line := await person.next_line()) != alice.line(f"{number}"):
                        assert line in (phrases.AWAY, phrases.BACK)
            assert store.client.type(LOG) == b"stream"

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("write", [
    lambda client, key: client.xadd(key, {"another": "program"}),
    lambda client, key: client.xadd(key, {"": b"\xff"}),
    lambda client, key: client.set(key, "not a stream"),
], ids=["an-entry", "no-text", "another-type"])  # fmt: skip
def test_what_another_program_puts_among_private_lines_is_cleared_away(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, write: Callable[[Any, str], object]
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            node = there.server.backplane.replica.node.decode()
            for number in range(3):
                write(store.client, f"im:{{lobby}}:private:{node}")
                alice.says(f"to|bob|{number}")
                private = phrases.PRIVATE.format(sender="alice", text=f"{number}")
                while (line := await bob.next_line()) != private:
                    assert line in (phrases.AWAY, phrases.BACK)
            assert there.server.backplane.replica.node.decode() == node

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert not any(record.exc_info for record in caplog.records)


def test_what_redis_has_forgotten_is_given_back_behind_what_another_program_added(
    store: Store,
) -> None:
    desk = Desk(store.client)
    desk.enter()
    desk.read()
    old = {key: store.client.dump(key) for key in store.client.scan_iter()}
    desk.call("turn", desk.node, LEASE, KEEP, 1, "who")
    [entry] = desk.entries(LOG_OF_DESKS, desk.replica.number)
    desk.read()
    store.client.flushall()
    for key, value in old.items():
        store.client.restore(key, 0, value)
    store.client.xadd(LOG_OF_DESKS, {"another": "program"})
    now = (desk.replica.number, desk.replica.chain)
    status, number, chain = desk.call("resume", desk.node, LEASE, RUN, WINDOW, *now)
    assert (status, int(number)) == (b"behind", now[0] - 1)
    what = (number, chain, *now, desk.replica.origin, "", "", 1, 1)
    entries = (now[0], len(entry[1]), *entry[1], desk.node, 1)
    assert desk.call("offer", desk.node, LEASE, KEEP, RUN, WINDOW, *what, *entries) == [b"ok"]
    assert desk.entries(LOG_OF_DESKS, now[0] - 1) == [entry]


def test_a_log_of_which_a_part_is_missing_is_not_read_on(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    for sequence in range(1, 4):
        desk.call("turn", desk.node, LEASE, KEEP, sequence, "who")
    where = (desk.replica.number, desk.replica.chain)
    assert desk.call("resume", desk.node, LEASE, RUN, WINDOW, *where) == [b"ok"]
    store.client.xdel(f"{desk.prefix}:log", f"{where[0] + 1}-0")
    assert desk.call("resume", desk.node, LEASE, RUN, WINDOW, *where) == [b"lost"]


def test_leases_that_are_missing_are_given_anew(store: Store) -> None:
    desk, other = Desk(store.client), Desk(store.client)
    for one in (desk, other):
        one.enter()
    store.client.delete(f"{desk.prefix}:leases")
    assert desk.call("turn", desk.node, LEASE, KEEP, 1, "who") == [b"unknown"]
    where = (desk.replica.number, desk.replica.chain)
    assert desk.call("resume", desk.node, LEASE, RUN, WINDOW, *where) == [b"ok"]
    assert set(store.client.zrange(f"{desk.prefix}:leases", 0, -1)) == {desk.node, other.node}


def test_of_a_node_that_is_not_known_any_more_no_name_is_left(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    Person(desk.room, "192.0.2.1:50001").online()
    desk.send()
    desk.read()
    where = (desk.replica.number, desk.replica.chain)
    store.client.delete(f"{desk.prefix}:nodes")
    assert desk.call("turn", desk.node, LEASE, KEEP, 2, "who") == [b"unknown"]
    assert desk.call("resume", desk.node, LEASE, RUN, WINDOW, *where) == [b"buried"]
    status, _, _, _, users, _ = desk.call(
        "enter", "another", LEASE, KEEP, RUN, WINDOW, "founded", desk.node, "1"
    )
    assert (status, users) == (b"ok", [])
    assert store.client.hgetall(f"{desk.prefix}:names") == {}


def test_a_node_that_did_not_notice_that_redis_was_emptied_has_to_come_back(store: Store) -> None:
    desk, other = Desk(store.client), Desk(store.client)
    for one in (desk, other):
        one.enter()
    desk.read()
    where = (desk.replica.number, desk.replica.chain)
    assert other.call("turn", other.node, LEASE, KEEP, 1, "who")[0] == b"ok"
    store.client.flushall()
    nodes = (desk.node, 0, other.node, 0)
    what = (0, "", *where, desk.replica.origin, "1", "", 0, 2, *nodes)
    assert desk.call("offer", desk.node, LEASE, KEEP, RUN, WINDOW, *what) == [b"ok"]
    for call in (("turn", other.node, LEASE, KEEP, 2, "who"), ("beat", other.node, LEASE, KEEP)):
        assert other.call(*call) == [b"unknown"]
    assert other.call("resume", other.node, LEASE, RUN, WINDOW, *where) == [b"ok"]
    for sequence in (1, 2):
        number = where[0] + sequence
        turn = other.call("turn", other.node, LEASE, KEEP, sequence, "who")
        assert turn == [b"ok", number]

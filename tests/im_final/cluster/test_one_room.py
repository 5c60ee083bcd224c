"""Nodes in one event loop: what people of different nodes read, and in which order."""

import asyncio
import logging

import pytest
from redis.asyncio.connection import UnixDomainSocketConnection
from redis.exceptions import InvalidResponse, MovedError, ResponseError

from im_final import phrases
from im_final.cluster.link import Link
from im_final.cluster.redis import why
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.im_final.core.readers import Reader
from tests.stages.turns import until
from tools.soak.house import Store


def test_private_lines_keep_their_place_among_what_all_read(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            carol = await comes(there, alice, bob, name="carol")
            expected = []
            for number in range(200):
                alice.says(f"{number}", f"to|bob|{number}a", f"to|bob|{number}b", "to|carol|x")
                expected += [alice.line(f"{number}")] + [
                    phrases.PRIVATE.format(sender="alice", text=f"{number}{letter}")
                    for letter in "ab"
                ]
            await bob.reads(*expected)
            for number in range(200):
                await alice.reads(alice.line(f"{number}"))
                await carol.reads(
                    alice.line(f"{number}"), phrases.PRIVATE.format(sender="alice", text="x")
                )

    run(story())


def test_what_one_types_at_once_is_answered_in_its_order(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            old = alice.line("a")
            alice.says(
                "a", "who", "rename|ann", "b", "rename|bob", "c", "rename| ", "to|", "to|x|y",
                "to|bob|", "rename|Ann", "d", "who",
            )  # fmt: skip
            online = phrases.IS_ONLINE.format
            alice.name = "ann"
            said_as_ann = [alice.line(text) for text in "bc"]
            alice.name = "Ann"
            await alice.reads(
                old, online(name="alice"), online(name="bob"),
                phrases.RENAMED.format(old="alice", new="ann"), said_as_ann[0],
                phrases.NAME_TAKEN, said_as_ann[1], phrases.NAME_INVALID, phrases.PRIVATE_FORMAT,
                phrases.PRIVATE_NO_TARGET, phrases.PRIVATE_EMPTY,
                phrases.RENAMED.format(old="ann", new="Ann"), alice.line("d"),
                online(name="Ann"), online(name="bob"),
            )  # fmt: skip
            await bob.reads(old, *said_as_ann, alice.line("d"))

    run(story())


def test_who_ends_their_input_is_answered_first(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await there.connects()
            bob.says("hi", "who")
            bob.ends_input()
            await bob.reads_the_end(
                bob.line(phrases.ONLINE), bob.line("hi"),
                *[phrases.IS_ONLINE.format(name=name) for name in ("alice", bob.addr)],
            )  # fmt: skip
            await alice.reads(bob.line(phrases.ONLINE), bob.line("hi"), bob.line(phrases.OFFLINE))

    run(story())


def test_one_who_asks_without_reading_is_not_heard_until_they_do(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            alice = await comes(here, name="alice")
            connection = here.connection(alice.addr)
            outgoing = here.server.room.outgoing
            alice.says(*["x" * 1000] * 2000)
            most = 0
            for _ in range(2000):
                await alice.reads(alice.line("x" * 1000))
                most = max(most, outgoing.held, connection.outbox.answers)
            assert 0 < most < 2**18
            assert (outgoing.held, connection.outbox.answers) == (0, 0)
            assert outgoing.is_empty

    run(story())


def test_a_node_that_has_missed_entries_says_so_and_its_people_come_again(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with nodes(store, 2, keep=64) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            link = there.server.backplane
            link.task.cancel()
            await asyncio.gather(link.task, return_exceptions=True)
            for number in range(300):
                alice.says(f"{number}")
                await alice.reads(alice.line(f"{number}"))
            bob.says("I was away")
            link.task = asyncio.create_task(link.run())
            await bob.reads(phrases.MISSED, bob.line(phrases.ONLINE), bob.line("I was away"))
            await alice.reads(
                bob.line(phrases.OFFLINE), bob.line(phrases.ONLINE), bob.line("I was away")
            )
            alice.says("who")
            names = ("alice", "bob")
            await alice.reads(*[phrases.IS_ONLINE.format(name=name) for name in names])
            assert there.server.statistics().link.burials == 0

    run(story())
    assert "the room went on without this node" in caplog.text


def test_a_private_line_that_redis_has_lost_is_not_lost_in_silence(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            link = there.server.backplane
            link.task.cancel()
            await asyncio.gather(link.task, return_exceptions=True)
            alice.says("to|bob|psst", "x")
            await alice.reads(alice.line("x"))
            store.client.delete(*store.client.keys("*:private:*"))
            link.task = asyncio.create_task(link.run())
            await bob.reads(phrases.PRIVATE_LOST, alice.line("x"))

    run(story())


def test_two_of_one_address_are_both_there_and_the_later_is_written_to(
    run: Run, store: Store
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here)
            room = there.server.room
            twin = room.newcomer(Reader(room.log).outbox, alice.addr)
            twin.online()
            await alice.reads(alice.line(phrases.ONLINE))
            alice.says(f"to|{alice.addr}|which of us?", "who")
            await alice.reads(*[phrases.IS_ONLINE.format(name=alice.addr)] * 2)
            twin.offline()
            await alice.reads(alice.line(phrases.OFFLINE))

    run(story())


def test_a_redis_that_may_be_written_to_and_not_read_is_away(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            alice = await comes(here)
            store.client.execute_command("ACL", "SETUSER", "default", "-xread")
            try:
                await alice.reads(phrases.AWAY)
                alice.says("held")
            finally:
                store.client.execute_command("ACL", "SETUSER", "default", "+xread")
            await alice.reads(phrases.BACK, alice.line("held"))

    run(story())
    assert caplog.text.count("lines are held") == 1


def test_an_operator_reads_which_nodes_come_and_go(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with nodes(store, 1):
            async with nodes(store, 1) as (there,):
                node = there.server.backplane.replica.node.decode()
                await until(lambda: f"node {node} is there" in caplog.text)
            await until(lambda: f"node {node} is gone" in caplog.text)
        assert (
            f"in the room lobby at redis://127.0.0.1:{store.port}/0, as node {node}" in caplog.text
        )

    with caplog.at_level(logging.INFO, "im_final"):
        run(story())


def test_a_link_to_nowhere_is_refused_in_a_line() -> None:
    with pytest.raises(ValueError, match="must be redis://HOST:PORT/0"):
        Link("http://127.0.0.1")
    with pytest.raises(ValueError, match="cannot have the option 'colour'"):
        Link("redis://127.0.0.1?colour=red")


def test_a_link_can_be_to_a_socket_that_is_a_file() -> None:
    link = Link("unix:///run/redis.sock?db=1")
    connection = link.master.redis(link.address.servers[0]).connection
    assert isinstance(connection, UnixDomainSocketConnection)
    assert (connection.path, connection.db) == ("/run/redis.sock", 1)


def test_why_it_does_not_work_is_said_in_words() -> None:
    assert why(InvalidResponse('Protocol error, got "[" as reply type byte')) == (
        "what answers there is no Redis"
    )
    assert why(TimeoutError()) == "no answer in time"
    for error in (MovedError("10294 [::1]:7002"), ResponseError("MOVED 10294 [::1]:7002")):
        assert why(error) == "the room has moved to [::1]:7002"
    assert why(ConnectionError("Connection closed by server.")) == "Connection closed by server"


def test_a_node_that_catches_up_with_much_drops_nobody_for_that(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            link = there.server.backplane
            link.task.cancel()
            await asyncio.gather(link.task, return_exceptions=True)
            line = "x" * 4000
            for _ in range(50):
                alice.says(*[line] * 50)
                for _ in range(50):
                    await alice.reads(alice.line(line))
            link.task = asyncio.create_task(link.run())
            for _ in range(2500):
                await bob.reads(alice.line(line))
                await asyncio.sleep(0)
            assert there.server.counts.departures == {}

    run(story())

"""What people see of nodes that die, stand still, or cannot reach Redis: programs of their own."""

import asyncio
import re
import signal
from collections.abc import Coroutine
from typing import Any

import pytest

from im_final import phrases
from im_final.cluster.replica import TAIL
from tests.im_final.children import POSIX
from tests.needs import need
from tools.soak.house import HEARTBEAT, LEASE, House, becomes_true, house
from tools.soak.talkers import Talker

pytestmark = POSIX


@pytest.fixture(autouse=True)
def _redis() -> None:
    need("redis-server")


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(story)


async def comes(built: House, node: int, name: str, *others: Talker) -> Talker:
    """Somebody at a node, called so; the others have read that they came."""
    person = built.talker(name)
    await person.comes(built.nodes[node].port)
    for other in others:
        await other.reads(f"[{person.addr}]{person.addr}:{phrases.ONLINE}")
    await takes(person, name)
    return person


async def takes(person: Talker, name: str) -> None:
    """Somebody takes a name."""
    person.says(f"rename|{name}")
    await person.reads(f"->[{name}]")


async def who(person: Talker, *names: str) -> None:
    """What somebody is told who asks who is online: exactly that."""
    person.lines.clear()
    person.says("who")
    await person.reads(phrases.IS_ONLINE.format(name=names[-1]))
    assert person.lines == [phrases.IS_ONLINE.format(name=name) for name in names]


def said(person: Talker, name: str, text: str) -> str:
    """How everyone reads a line of somebody who is called so."""
    return phrases.SAID.format(addr=person.addr, name=name, text=text)


def test_who_is_at_a_node_that_is_killed_leaves_within_the_lease_and_the_name_is_free() -> None:
    async def story() -> None:
        async with house() as built:
            alice = await comes(built, 0, "alice")
            bob = await comes(built, 1, "bob", alice)
            carol = await comes(built, 1, "carol", alice, bob)
            built.nodes[1].end()
            async with asyncio.timeout(LEASE + 5 * HEARTBEAT + 5):
                await alice.reads(said(bob, "bob", phrases.OFFLINE))
                await alice.reads(said(carol, "carol", phrases.OFFLINE))
            dave = await comes(built, 2, "bob", alice)
            await who(alice, "alice", "bob")
            await built.nodes[1].start()
            erin = await comes(built, 1, "carol", alice, dave)
            erin.says("hello")
            await alice.reads(said(erin, "carol", "hello"))
            for text in (phrases.AWAY, phrases.BACK, phrases.MISSED):
                assert text not in [*alice.lines, *dave.lines]

    run(story())


def test_who_was_at_a_node_that_stood_still_speaks_under_no_name_that_another_has_taken() -> None:
    async def story() -> None:
        async with house() as built:
            alice = await comes(built, 0, "alice")
            bob = await comes(built, 1, "bob", alice)
            carol = await comes(built, 1, "carol", alice, bob)
            built.nodes[1].signal(signal.SIGSTOP)
            bob.says("it is me")
            carol.says("and me")
            await alice.reads(said(bob, "bob", phrases.OFFLINE))
            await alice.reads(said(carol, "carol", phrases.OFFLINE))
            await takes(alice, "bob")
            built.nodes[1].signal(signal.SIGCONT)
            await bob.reads(phrases.NAME_LOST.format(addr=bob.addr))
            for reader in (alice, bob, carol):
                await reader.reads(
                    said(bob, bob.addr, phrases.ONLINE), times=1 + (reader is not carol)
                )
                await reader.reads(said(carol, "carol", phrases.ONLINE))
                await reader.reads(said(bob, bob.addr, "it is me"))
                await reader.reads(said(carol, "carol", "and me"))
            assert said(bob, "bob", "it is me") not in alice.lines
            await who(carol, "bob", bob.addr, "carol")

    run(story())


def test_while_redis_is_away_people_are_told_once_and_what_they_say_is_held() -> None:
    async def story() -> None:
        async with house() as built:
            alice = await comes(built, 0, "alice")
            bob = await comes(built, 1, "bob", alice)
            built.store.kill()
            await alice.reads(phrases.AWAY)
            await bob.reads(phrases.AWAY)
            alice.says("one")
            alice.says("who")
            alice.says("rename|ann")
            alice.says("two")
            alice.says("rename|who")
            dave = built.talker("dave")
            await dave.connect(built.nodes[2].port)
            await dave.reads(phrases.AWAY)
            await asyncio.sleep(LEASE * 1.2)
            assert "not in the room" in built.nodes[0].health()
            alice.lines.clear()
            built.store.start()
            await alice.reads(said(alice, "ann", "two"))
            await alice.reads(phrases.NAME_INVALID)
            await bob.reads(said(alice, "ann", "two"))
            await dave.reads(said(dave, dave.addr, phrases.ONLINE))
            own = [line for line in alice.lines if dave.addr not in line]  # Whenever that one came.
            assert own == [
                phrases.BACK,
                said(alice, "alice", "one"),
                *[phrases.IS_ONLINE.format(name=name) for name in ("alice", "bob")],
                phrases.RENAMED.format(old="alice", new="ann"),
                said(alice, "ann", "two"),
                phrases.NAME_INVALID,
            ]
            for person in (bob, dave):
                assert person.lines.count(phrases.AWAY) == 1
                await person.reads(phrases.BACK)
                assert person.lines.count(phrases.BACK) == 1
            assert phrases.OFFLINE not in "".join(bob.lines)

    run(story())


def test_a_redis_that_finds_an_old_copy_of_its_data_is_given_all_that_has_been_since() -> None:
    async def story() -> None:
        async with house(2) as built:
            old, new = built.nodes
            alice = await comes(built, 0, "alice")
            built.store.client.save()
            new.end()
            await new.start()
            bob = await comes(built, 1, "bob", alice)
            await takes(alice, "ann")
            for number in range(100):
                for _ in range(4):
                    alice.says("x" * 4000)
                alice.says(f"much#{number}")
                await alice.reads(f"much#{number}")
            assert TAIL < 100 * 4 * 4000
            await bob.reads("much#99")
            old.proxy.is_down = True
            built.store.kill()
            built.store.start()
            before = store_run(built)
            await becomes_true(lambda: store_run(built) != before)  # The new node has asked.
            old.proxy.is_down = False
            bob.says("still here")
            for person in (alice, bob):
                await person.reads(said(bob, "bob", "still here"))
                assert phrases.MISSED not in person.lines
                assert phrases.OFFLINE not in "".join(person.lines)
            await who(alice, "ann", "bob")

    run(story())


def store_run(built: House) -> object:
    """Which run of Redis the nodes know of."""
    return built.store.client.hget("im:{lobby}:head", "run")


def test_a_node_that_is_started_while_redis_is_away_says_so_and_waits() -> None:
    async def story() -> None:
        async with house(1, started=False) as built:
            [node] = built.nodes
            await node.start(wait=False)
            await becomes_true(lambda: "lines are held" in node.log.read_text())
            alice = built.talker("alice")
            await alice.connect(node.port)
            await becomes_true(lambda: alice.lines == [phrases.AWAY])
            assert node.log.read_text().count("lines are held") == 1
            built.store.start()
            await alice.reads(phrases.BACK)
            await alice.reads(phrases.ONLINE)
            assert alice.lines == [
                phrases.AWAY,
                phrases.BACK,
                said(alice, alice.addr, phrases.ONLINE),
            ]

    run(story())


def test_a_node_that_ends_takes_its_people_with_it_and_brings_out_what_they_said() -> None:
    async def story() -> None:
        async with house() as built:
            alice = await comes(built, 0, "alice")
            bob = await comes(built, 1, "bob", alice)
            bob.says("my last word")
            await bob.reads(said(bob, "bob", "my last word"))
            built.nodes[1].signal(signal.SIGTERM)
            await bob.reads(phrases.CLOSING)
            await alice.reads(said(bob, "bob", "my last word"))
            await alice.reads(said(bob, "bob", phrases.OFFLINE))
            assert phrases.OFFLINE not in "".join(bob.lines)
            assert await asyncio.to_thread(built.nodes[1].process.wait, 10) == 0

    run(story())


def test_what_could_not_be_said_before_a_node_ends_its_sender_is_told() -> None:
    async def story() -> None:
        async with house(1) as built:
            alice = await comes(built, 0, "alice")
            built.store.kill()
            await alice.reads(phrases.AWAY)
            alice.says("does anybody hear me?")
            await becomes_true(lambda: waiting(built) > 0)
            built.nodes[0].signal(signal.SIGTERM)
            await alice.reads(phrases.CLOSING)
            assert alice.lines[-2:] == [phrases.NOT_SENT, phrases.CLOSING]

    run(story())


def waiting(built: House) -> float:
    """Operations that the first node has not sent."""
    page = built.nodes[0].page("/metrics")
    found = re.search(r"^im_link_waiting (\S+)", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_the_metrics_show_the_link() -> None:
    async def story() -> None:
        async with house(2) as built:
            page = await asyncio.to_thread(built.nodes[0].page, "/metrics")
            for line in ("im_link_up 1.0", "im_link_behind 0.0", "im_link_waiting 0.0",
                         "im_link_sessions_total 1.0", "im_link_burials_total 0.0"):  # fmt: skip
                assert f"\n{line}\n" in page
            await becomes_true(lambda: "\nim_nodes 2.0\n" in built.nodes[0].page("/metrics"))
            built.store.kill()
            await becomes_true(lambda: "\nim_link_up 0.0\n" in built.nodes[0].page("/metrics"))
            assert "not in the room" in built.nodes[0].health()

    run(story())


def test_rooms_of_other_names_in_the_same_redis_are_other_rooms() -> None:
    async def story() -> None:
        async with house(2) as built:
            built.nodes[1].end()
            built.nodes[1].options = ["--room", "attic"]
            await built.nodes[1].start()
            alice = await comes(built, 0, "alice")
            other = await comes(built, 1, "alice")
            await who(alice, "alice")
            await who(other, "alice")
            assert built.store.client.keys("im:{lobby}:*")
            assert built.store.client.keys("im:{attic}:*")
            assert all(
                re.match(rb"im:\{(lobby|attic)\}:", key) for key in built.store.client.keys("*")
            )

    run(story())

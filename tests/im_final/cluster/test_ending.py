"""A node that ends: what its people are still told, and what the others read of it."""

import asyncio
import contextlib
from collections.abc import Iterator

from im_final import phrases
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.stages.turns import until
from tools.soak.house import Store


@contextlib.contextmanager
def held_up(store: Store) -> Iterator[None]:
    """A Redis that decides nothing meanwhile: scripts wait."""
    store.client.client_pause(60_000, all=False)
    try:
        yield
    finally:
        store.client.client_unpause()


def test_who_asks_as_the_node_ends_is_answered_and_then_told_goodbye(
    run: Run, store: Store
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            dave = await comes(there)
            alice = await comes(here, dave)
            bob = await comes(here, dave, alice)
            carol = await comes(here, dave, alice, bob)
            outgoing = here.server.room.outgoing
            with held_up(store):
                alice.says("my last word", "who")
                await until(lambda: len(outgoing.on_the_way()) == 2)
                stopping = asyncio.create_task(here.server.stop())
                await until(lambda: all(one.leaving for one in here.server.connections))
            said = alice.line("my last word")
            everyone = [
                phrases.IS_ONLINE.format(name=one.name) for one in (dave, alice, bob, carol)
            ]
            await alice.reads_the_end(said, *everyone, phrases.CLOSING)
            await bob.reads_the_end(said, phrases.CLOSING)
            await carol.reads_the_end(said, phrases.CLOSING)
            await stopping
            await dave.reads(said, *[gone.line(phrases.OFFLINE) for gone in (alice, bob, carol)])

    run(story())


def test_when_redis_is_silent_goodbye_still_comes_in_time(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            here.server.drain = 2.0
            alice = await comes(here)
            with held_up(store):
                alice.says("does anybody hear me?")
                await until(lambda: here.server.room.outgoing.on_the_way() != [])
                stopping = asyncio.create_task(here.server.stop())
                await alice.reads_the_end(phrases.NOT_SENT, phrases.CLOSING)
                await stopping

    run(story())


def test_who_is_shown_out_while_redis_is_silent_is_told_why(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            alice = await comes(here)
            bob = await comes(here, alice)
            with held_up(store):
                bob.says("x" * 5000)
                await bob.reads_the_end(phrases.TOO_LONG)
            await alice.reads(bob.line(phrases.OFFLINE))
            assert len(here.server.room.people) == 1

    run(story())


def test_of_who_has_hung_up_before_they_are_let_in_nothing_is_kept(run: Run, store: Store) -> None:
    async def story() -> None:
        async with nodes(store, 1) as (here,):
            alice = await comes(here)
            with held_up(store):
                bob = await here.connects()
                await until(lambda: len(here.server.connections) == 2)
                connection = here.connection(bob.addr)
                await bob.vanishes()
                await until(lambda: connection not in here.server.connections)
            await alice.reads(bob.line(phrases.ONLINE), bob.line(phrases.OFFLINE))
            alice.says("who was that?")
            await alice.reads(alice.line("who was that?"))
            assert connection.outbox.cursor.block.next is None

    run(story())

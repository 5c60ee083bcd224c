"""A Redis that answers and refuses, or in which another program has been: people are told, once."""

import contextlib
import logging
from collections.abc import Callable, Iterator

import pytest
from redis.exceptions import ReadOnlyError

from im_final import phrases
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tools.soak.house import Store


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


@pytest.mark.parametrize("refuses", [full, read_only])
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
                alice.says("held")
                for person in (alice, bob):
                    await person.reads(phrases.AWAY)
                for room in (here, there):
                    assert room.server.statistics().link.state == "away"
            for person in (alice, bob):
                await person.reads(phrases.BACK, alice.line("held"))

    with caplog.at_level(logging.WARNING, "im_final"):
        run(story())
    assert len(caplog.records) == 2, "each node has said so, once"

"""A Redis that ends a connection whose reply is too large, as `client-output-buffer-limit` says."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from im_final import phrases
from im_final.cluster.link import FLAPS, SHAKY
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room
from tests.stages.people import Person
from tests.stages.turns import until
from tools.soak.house import Store

LINES, TEXT = 2000, "x" * 4000  # 8 MB; entries have up to 256 KiB.


@contextlib.contextmanager
def limit(store: Store, size: int) -> Iterator[None]:
    """No reply may have more bytes."""
    store.client.config_set("client-output-buffer-limit", f"normal {size} 0 0")
    try:
        yield
    finally:
        store.client.config_set("client-output-buffer-limit", "normal 0 0 0")


async def leaves_the_room(room: Room) -> None:
    """A node is not in the room for a while."""
    link = room.server.backplane
    link.task.cancel()
    await asyncio.gather(link.task, return_exceptions=True)


async def much_is_said(alice: Person) -> None:
    """Lines at once, so that entries are large."""
    for _ in range(LINES // 50):
        alice.says(*[TEXT] * 50)
        for _ in range(50):
            await alice.reads(alice.line(TEXT))


@pytest.mark.parametrize(("size", "most"), [(2**20, 1), (2**19, 3)])
def test_a_node_that_catches_up_asks_for_no_more_than_a_reply_may_have(
    run: Run, store: Store, size: int, most: int
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            await leaves_the_room(there)
            link = there.server.backplane
            await much_is_said(alice)
            before = link.sessions
            with limit(store, size):
                link.task = asyncio.create_task(link.run())
                for _ in range(LINES):
                    await bob.reads(alice.line(TEXT))
                assert link.sessions - before <= most

    run(story())


def test_where_no_entry_can_be_read_the_operator_is_told_what_to_set_and_people_once(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with nodes(store, 2) as (here, there):
            alice = await comes(here, name="alice")
            bob = await comes(there, alice, name="bob")
            with limit(store, 2**14):
                alice.says(*[TEXT] * 10)
                for person in (alice, bob):
                    await person.reads(phrases.AWAY)
                await until(lambda: caplog.text.count("buffer-limit normal") == 2)
            for person in (alice, bob):
                await person.reads(phrases.BACK, *[alice.line(TEXT)] * 10)

    run(story())
    said = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(said) == 2 * 2, "each node has said that it is out, and why it cannot come in"
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(("told_at", "times"), [(None, FLAPS), (SHAKY, SHAKY + 1)])
def test_who_is_in_and_out_all_the_time_is_told_once(
    run: Run, store: Store, caplog: pytest.LogCaptureFixture, told_at: int | None, times: int
) -> None:
    async def story() -> None:
        async with nodes(store, 1, heartbeat=1.5) as (here,):  # Longer than a new try takes.
            alice = await comes(here)
            link = here.server.backplane
            for turn in range(FLAPS + 2):
                await until(lambda: link.state == "up")
                store.client.client_kill_filter(_type="normal", skipme=True)
                await until(lambda: link.state != "up")
                if turn == told_at:
                    link.tell_away()  # As when it takes a heartbeat to come up again.
            await alice.reads(phrases.AWAY)
            alice.says("one", "two")
            heard = [await alice.next_line() for _ in range(3)]
            assert sorted(heard) == sorted([alice.line("one"), alice.line("two"), phrases.BACK])

    with caplog.at_level("INFO", "im_final"):
        run(story())
    assert caplog.text.count("keep breaking") == 1
    assert caplog.text.count("not in the room") == FLAPS - 1
    assert caplog.text.count(" in the room") == FLAPS - 1 + times + 1

"""A Redis for tests that need one, and nodes in the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import im_final
from im_final.cluster.link import Link
from tests.im_final.rooms import Room
from tests.needs import need
from tests.stages.turns import PATIENCE
from tools.soak.house import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A running redis-server, the same for all tests of a module."""
    need("redis-server")
    running = Store(tmp_path_factory.mktemp("redis"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def _empty(store: Store) -> None:
    """Nobody has been there before."""
    store.client.flushall()


@contextlib.asynccontextmanager
async def nodes(store: Store, count: int, **options: Any) -> AsyncIterator[list[Room]]:
    """So many nodes of one room, which stop at the end without an error."""
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
    async with contextlib.AsyncExitStack() as stack:
        rooms = []
        for _ in range(count):
            link = Link(f"redis://127.0.0.1:{store.port}/0", heartbeat=0.3, lease=6.0, **options)
            server = await stack.enter_async_context(im_final.Server(port=0, backplane=link))
            rooms.append(Room(server))
        async with asyncio.timeout(PATIENCE):
            while any(room.server.backplane.state != "up" for room in rooms):
                await asyncio.sleep(0.01)
        try:
            yield rooms
        finally:
            for room in rooms:
                for person in room.people:
                    if not person.writer.is_closing():
                        await person.vanishes()
    assert not errors

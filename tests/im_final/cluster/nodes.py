"""Nodes of one room in the test's own event loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import im_final
from im_final import phrases
from im_final.cluster.link import Link
from tests.im_final.rooms import Room
from tests.stages.people import Person
from tests.stages.turns import until
from tools.soak.house import Store


@contextlib.asynccontextmanager
async def nodes(where: Store | str, count: int, **options: Any) -> AsyncIterator[list[Room]]:
    """So many nodes of one room, in a Redis or at a URL, which stop at the end without an error."""
    url = where if isinstance(where, str) else f"redis://127.0.0.1:{where.port}/0"
    options = {"heartbeat": 0.3, "lease": 6.0, **options}
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
    async with contextlib.AsyncExitStack() as stack:
        rooms = []
        for _ in range(count):
            link = Link(url, **options)
            server = await stack.enter_async_context(im_final.Server(port=0, backplane=link))
            rooms.append(Room(server))
        await until(lambda: all(room.server.backplane.state == "up" for room in rooms))
        try:
            yield rooms
        finally:
            for room in rooms:
                for person in room.people:
                    if not person.writer.is_closing():
                        await person.vanishes()
    assert not errors


async def comes(room: Room, *others: Person, name: str = "") -> Person:
    """Somebody at a node; the others have read of it."""
    person = await room.connects()
    for reader in (person, *others):
        await reader.reads(person.line(phrases.ONLINE))
    if name:
        await person.takes_name(name)
    return person

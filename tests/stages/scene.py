"""A scene for trouble: somebody comes to a room in which one person watches, and goes again.

Whatever they do there, the tasks, timers, sockets, roster and users are back where they were. The
troublemaker's own socket may still be open when things are counted again, and is not counted: what
the server keeps has nothing to do with it. Memory is counted in users: all that a server keeps for
somebody hangs on theirs, and bytes would be a matter of luck.
"""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

from stages import phrases, stage2
from tests.stages.clock import ClockLoop
from tests.stages.people import Person, Room, Troublemaker, open_room, server_of
from tests.stages.turns import some_turns, until

LIMIT = 10.0


@dataclass(frozen=True)
class Inventory:
    """What there is while a server runs. `files` are open ones, without a troublemaker's own."""

    tasks: int
    timers: int
    conversations: int
    files: int
    online: tuple[str, ...]


def inventory(server: stage2.Server, *others: Troublemaker) -> Inventory:
    """Count what there is now."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    return Inventory(
        tasks=len(asyncio.all_tasks()),
        timers=loop.due(),
        conversations=len(server.tasks),
        files=len(os.listdir("/proc/self/fd")) - sum(sock.fileno() >= 0 for sock in others),
        online=tuple(server.online_map),
    )


def users_in_memory() -> int:
    """How many users there are, on a roster or not."""
    gc.collect()
    return sum(isinstance(one, stage2.User) for one in gc.get_objects())


@dataclass
class Scene:
    """A room, someone who watches what happens in it, and someone who makes it happen."""

    room: Room
    watcher: Person
    sock: Troublemaker
    user: stage2.User  # Who the troublemaker is to the server.
    stage: int

    async def is_gone(self) -> None:
        """The user is off the roster, and since stage 3 the watcher was told so."""
        await until(lambda: self.user.name not in self.room.server.online_map)
        if self.stage >= 3:
            await self.watcher.reads_on_until(self.left)

    def says(self, text: str) -> str:
        """What everyone reads when the user says `text`."""
        return phrases.SAID.format(addr=self.user.addr, name=self.user.name, text=text)

    @property
    def left(self) -> str:
        """The user's leave line."""
        return self.says(phrases.OFFLINE)


@contextlib.asynccontextmanager
async def trouble(stage: int) -> AsyncIterator[Scene]:
    """Somebody joins; of what they do within, nothing is left, and the watcher can talk on."""
    options = {"idle_timeout": LIMIT} if stage >= 7 else {}
    async with open_room(server_of(stage, **options)) as room:
        watcher = await room.joins()
        await some_turns()
        before, users = inventory(room.server), users_in_memory()
        with Troublemaker() as sock:
            scene = Scene(room, watcher, sock, await sock.joins(room, watcher), stage)
            yield scene
            with contextlib.suppress(AssertionError):
                await until(lambda: inventory(room.server, sock) == before)
            assert inventory(room.server, sock) == before
            del scene.user
            assert users_in_memory() == users
            room.server.broadcast(room.user(watcher), "and now?")
            await watcher.reads_on_until(watcher.line("and now?"))

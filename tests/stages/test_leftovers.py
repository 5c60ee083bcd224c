"""After every hazard the tasks, sockets and roster are back where they were.

One person watches all the time. The troublemaker's own socket may still be open when things are
counted again, and is not counted: what the server keeps has nothing to do with it.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from stages import phrases, stage1, stage2, stage3
from tests.stages.clock import Clock, run
from tests.stages.people import Person, Room, Troublemaker, is_stuck, open_room, server_of
from tests.stages.turns import some_turns, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts files in Linux's /proc")

LIMIT = 10.0


@dataclass(frozen=True)
class Inventory:
    """What there is while a server runs. `files` are open ones, without a troublemaker's own."""

    tasks: int
    conversations: int
    files: int
    online: tuple[str, ...]


def inventory(server: stage2.Server, *others: Troublemaker) -> Inventory:
    """Count what there is now."""
    return Inventory(
        tasks=len(asyncio.all_tasks()),
        conversations=len(server.tasks),
        files=len(os.listdir("/proc/self/fd")) - sum(sock.fileno() >= 0 for sock in others),
        online=tuple(server.online_map),
    )


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

    @property
    def left(self) -> str:
        """The user's leave line."""
        return phrases.SAID.format(addr=self.user.addr, name=self.user.name, text=phrases.OFFLINE)


@contextlib.asynccontextmanager
async def trouble(stage: int) -> AsyncIterator[Scene]:
    """Somebody joins; of what they do within, nothing is left, and the watcher can talk on."""
    options = {"idle_timeout": LIMIT} if stage >= 7 else {}
    async with open_room(server_of(stage, **options)) as room:
        watcher = await room.joins()
        await some_turns()
        before = inventory(room.server)
        with Troublemaker() as sock:
            user = await sock.joins(room, watcher)
            yield Scene(room, watcher, sock, user, stage)
            with contextlib.suppress(AssertionError):
                await until(lambda: inventory(room.server, sock) == before)
            assert inventory(room.server, sock) == before
            room.server.broadcast(room.user(watcher), "and now?")
            await watcher.reads_on_until(watcher.line("and now?"))


def since(stage: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stage", range(stage, 9))


@pytest.fixture
def clock() -> Clock:
    return Clock()


# Those who do not read.


@since(2)
def test_a_reader_who_stalled_and_was_dropped(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            server, watcher = scene.room.server, scene.watcher
            while scene.user.name in server.online_map:
                server.broadcast(scene.room.user(watcher), "x" * 4000)
                await watcher.reads_on_until(watcher.line("x" * 4000))
            if stage >= 3:
                await watcher.reads(scene.left)

    run(story(), clock)


@since(3)
def test_one_who_sends_and_does_not_read_the_own_echo(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            reading = asyncio.create_task(scene.watcher.reads_on_until(scene.left))
            while scene.user.name in scene.room.server.online_map:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    scene.sock.send((b"x" * 1000 + b"\n") * 10)
                await asyncio.sleep(0)
            await reading

    run(story(), clock)


async def asks_without_reading(scene: Scene) -> None:
    """Send `who` so often that the answers get stuck."""
    scene.sock.send(b"who\n" * 800)
    await until(lambda: is_stuck(scene.user))


@since(5)
def test_one_who_does_not_read_800_answers_to_who_and_vanishes(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            await asks_without_reading(scene)
            scene.sock.vanishes()
            await scene.is_gone()

    run(story(), clock)


@since(7)
def test_one_who_does_not_read_800_answers_to_who_and_is_kicked(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            await asks_without_reading(scene)
            await the_limit_passes(scene, clock)
            await scene.is_gone()
            clock.advance(stage1.LINGER)
            await until(scene.user.writer.is_closing)
            clock.advance(stage1.GOODBYE)

    run(story(), clock)


async def the_limit_passes(scene: Scene, clock: Clock) -> None:
    """For all but the watcher, who says something in between."""
    clock.advance(LIMIT / 2)
    scene.watcher.says("I am here")
    await scene.watcher.reads_on_until(scene.watcher.line("I am here"))
    clock.advance(LIMIT / 2)


@since(2)
def test_one_who_ends_the_input_and_never_reads_what_is_owed(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            for _ in range(50):
                scene.room.server.broadcast(scene.room.user(scene.watcher), "x" * 4000)
                await scene.watcher.reads_on_until(scene.watcher.line("x" * 4000))
            scene.sock.shutdown(socket.SHUT_WR)
            await scene.is_gone()
            await until(scene.user.writer.is_closing)
            clock.advance(stage1.GOODBYE)

    run(story(), clock)


# Those who are shown out.


@since(7)
@pytest.mark.parametrize("hangs_up", [True, False])
def test_one_who_was_kicked(stage: int, clock: Clock, hangs_up: bool) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            await the_limit_passes(scene, clock)
            await scene.is_gone()
            assert (await scene.sock.reads_to_the_end()).endswith(f"{phrases.KICKED}\n")
            if hangs_up:
                scene.sock.close()
            else:
                clock.advance(stage1.LINGER)

    run(story(), clock)


@since(7)
def test_two_who_idle_out_together(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            other = await scene.room.joins()
            await the_limit_passes(scene, clock)
            await other.reads_on_until(phrases.KICKED)
            await scene.sock.reads_to_the_end()
            scene.sock.close()
            await other.leaves()

    run(story(), clock)


@since(3)
@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_line_that_is_too_long(stage: int, clock: Clock, hangs_up: bool) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.send(b"x" * (stage3.MAX_LINE + 1))
            assert await scene.sock.reads_to_the_end() == f"{phrases.TOO_LONG}\n"
            await scene.is_gone()
            if hangs_up:
                scene.sock.close()
            else:
                clock.advance(stage1.LINGER)

    run(story(), clock)


# Those who go, in one way or another.


@since(2)
def test_a_half_close(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.shutdown(socket.SHUT_WR)
            await scene.is_gone()
            assert await scene.sock.reads_to_the_end() == ""

    run(story(), clock)


@since(2)
def test_a_reset(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.vanishes()
            await scene.is_gone()

    run(story(), clock)


@since(2)
@pytest.mark.parametrize("how", ["close", "vanishes"])
def test_a_disconnect_in_the_middle_of_a_line(stage: int, clock: Clock, how: str) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.send(b"whole line\nhalf a li")
            getattr(scene.sock, how)()
            await scene.is_gone()

    run(story(), clock)

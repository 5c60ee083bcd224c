"""After every hazard the tasks, timers, sockets, roster and users are back where they were."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.constants import ACCEPT_RETRY_DELAY
from collections.abc import Iterator

import pytest

from stages import phrases, stage1, stage3
from tests.stages.clock import Clock, run
from tests.stages.people import Troublemaker, is_stuck
from tests.stages.scene import LIMIT, Scene, trouble
from tests.stages.turns import until

resource = pytest.importorskip("resource", reason="needs POSIX limits on open files")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts files in Linux's /proc")

MUCH = 100_000  # Bytes that wait for one who does not read; the system takes far less of it.


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


# Those whose words are the hazard.


@since(3)
def test_bytes_that_are_no_text(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.send(b"\x00\x1b[31m caf\xe9 \xff\xfe\n")
            said = "\x00\x1b[31m caf\N{REPLACEMENT CHARACTER} " + "\N{REPLACEMENT CHARACTER}" * 2
            await scene.watcher.reads(scene.says(said))
            scene.sock.close()
            await scene.is_gone()

    run(story(), clock)


@since(6)
def test_two_who_ask_for_one_name_at_once(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            other = await scene.room.joins()
            scene.user.reader.feed_data(b"rename|bob\n")
            scene.room.user(other).reader.feed_data(b"rename|bob\n")  # In the very same turn.
            scene.sock.shutdown(socket.SHUT_WR)
            other.ends_input()
            heard = await scene.sock.reads_to_the_end() + (await other.reader.read()).decode()
            assert heard.count(phrases.NAME_TAKEN) == 1
            assert heard.count("->[bob]") == 1
            await other.leaves()

    run(story(), clock)


@since(7)
def test_many_lines(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            for _ in range(20):
                scene.sock.send(b"\n" * 1000 + b"!\n")
                await scene.watcher.reads_on_until(scene.says("!"))
            scene.sock.vanishes()
            await scene.is_gone()

    run(story(), clock)


@since(8)
def test_a_private_line_without_a_text(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            scene.sock.send(f"to|{scene.watcher.addr}\nto|\n".encode())
            scene.sock.shutdown(socket.SHUT_WR)
            assert await scene.sock.reads_to_the_end() == f"{phrases.PRIVATE_FORMAT}\n" * 2
            await scene.is_gone()

    run(story(), clock)


# Those to whom things happen together.


@since(7)
def test_one_who_renames_and_is_kicked_while_another_reads_nothing(
    stage: int, clock: Clock
) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            bob = await scene.room.joins()
            while len(scene.user.outbox) < MUCH:
                scene.room.server.broadcast(scene.room.user(scene.watcher), "x" * 4000)
                await scene.watcher.reads_on_until(scene.watcher.line("x" * 4000))
            bob.says("rename|bob")
            await bob.reads_on_until(phrases.RENAMED.format(old=bob.addr, new="bob"))
            clock.advance(LIMIT / 2)
            scene.sock.send(b"here\n")
            await scene.watcher.reads_on_until(scene.says("here"))
            scene.watcher.says("here")
            await scene.watcher.reads_on_until(scene.watcher.line("here"))
            clock.advance(LIMIT / 2)
            await bob.reads_on_until(phrases.KICKED)
            await bob.leaves()
            scene.sock.shutdown(socket.SHUT_WR)
            await scene.sock.reads_to_the_end()
            await scene.is_gone()

    run(story(), clock)


@since(2)
def test_those_who_come_when_file_descriptors_have_run_out(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with trouble(stage) as scene:
            server = scene.room.server
            refused: list[object] = []
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: refused.append(context["exception"]))
            with contextlib.ExitStack() as stack:
                crowd = [stack.enter_context(Troublemaker()) for _ in range(3)]
                with no_more_files():
                    for sock in crowd:
                        sock.connect((server.host, server.port))
                    await until(lambda: bool(refused))
                clock.advance(ACCEPT_RETRY_DELAY)
                await until(lambda: len(server.online_map) == 2 + len(crowd))
            await until(lambda: len(server.online_map) == 2)
            scene.sock.close()
            await scene.is_gone()

    run(story(), clock)


@contextlib.contextmanager
def no_more_files() -> Iterator[None]:
    """This process can open none, for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

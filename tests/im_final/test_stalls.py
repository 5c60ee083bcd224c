"""The process stands still, and goes on: no time in which it did not run counts against anybody.

A stall is a clock that jumps while nobody looks at it. With a real one (SIGSTOP), timers are called
before anything is read: the last tests are about that.
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from im_final import phrases
from im_final.clock import LONGEST, RunningClock
from im_final.connection import FAREWELL
from tests.im_final.certificates import Certificate
from tests.im_final.children import POSIX, running
from tests.im_final.conftest import Run, need_loop
from tests.im_final.rooms import Room, Staller, open_room
from tests.stages.clock import Clock, ClockLoop
from tests.stages.clock import run as run_by
from tests.stages.turns import PATIENCE, some_turns, until

LIMIT = 10.0  # Seconds; that of all that is tried here.
STALL = 1e6
TEXT = "x" * 4000


class Stalled:
    """A room, and the clock of its server."""

    def __init__(self, room: Room, clock: Clock) -> None:
        self.room = room
        self.clock = clock

    def stalls(self) -> None:
        """The process stands still for long; then the sweep is first."""
        self.clock.advance(STALL)
        self.room.server.sweep()

    def runs(self, seconds: float) -> None:
        """So much time passes, in which the server looks at everybody now and then."""
        for _ in range(int(seconds / LONGEST)):
            self.clock.advance(LONGEST)
            self.room.server.sweep()


@contextlib.asynccontextmanager
async def a_room(**options: Any) -> AsyncIterator[Stalled]:
    """A room whose server's time is the test's."""
    clock = Clock()
    running_clock = RunningClock(lambda: clock.now)
    async with open_room(clock=running_clock, **options) as room:
        yield Stalled(room, clock)


def test_the_idle_are_not_shown_out_for_it(run: Run) -> None:
    async def story() -> None:
        async with a_room(idle_timeout=LIMIT) as stalled:
            alice = await stalled.room.joins("alice")
            stalled.runs(LIMIT - 2 * LONGEST)
            stalled.stalls()
            alice.says("still here")
            await alice.reads(alice.line("still here"))
            stalled.runs(LIMIT)
            await alice.reads_the_end(phrases.KICKED)

    run(story())


def test_a_guest_still_has_time_for_the_password(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sesame\n", encoding="utf-8")

    async def story() -> None:
        options = {"handshake_timeout": LIMIT, "password_file": str(secret)}
        async with a_room(**options) as stalled:
            alice, late = await stalled.room.connects(), await stalled.room.connects()
            await until(lambda: len(stalled.room.server.connections) == 2)
            stalled.stalls()
            alice.says("sesame")
            await alice.reads(alice.line(phrases.ONLINE))
            stalled.runs(LIMIT)
            await late.reads_the_end(phrases.TRIED_TOO_LATE)

    run(story())


def test_a_tls_handshake_still_has_time(run: Run, certificate: Certificate) -> None:
    async def story() -> None:
        options = {"handshake_timeout": LIMIT, **certificate.options}
        async with a_room(**options) as stalled:
            server = stalled.room.server
            with socket.create_connection((server.host, server.port)) as sock:
                sock.setblocking(False)
                sock.send(b"\x16\x03\x01")
                await until(lambda: server.arriving)
                stalled.stalls()
                await some_turns()
                assert server.arriving
                stalled.runs(LIMIT)
                await until(lambda: not server.arriving)
                assert server.counts.refusals == {"handshake": 1}

    run(story())


def test_one_who_does_not_read_is_not_dropped_for_it(run: Run) -> None:
    async def story() -> None:
        async with a_room(max_stall=LIMIT) as stalled:
            alice = await stalled.room.joins("alice")
            with Staller() as mallory:
                connection = await mallory.joins(stalled.room, alice)
                while not connection.outbox.owed:
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                stalled.stalls()  # It is seen for the first time that nothing is taken.
                stalled.stalls()
                assert mallory.addr in stalled.room.server.online_map
                stalled.runs(LIMIT)
                await alice.reads(mallory.line(phrases.OFFLINE))
                assert stalled.room.counts().departures == {"stall": 1}

    run(story())


def test_one_who_leaves_is_still_given_the_last_bytes(run: Run) -> None:
    async def story() -> None:
        async with a_room(idle_timeout=LIMIT) as stalled:
            alice = await stalled.room.joins("alice")
            with Staller() as mallory:
                await mallory.joins(stalled.room, alice)
                for _ in range(40):
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                stalled.runs(LIMIT)
                stalled.stalls()
                lines = await mallory.reads_to_the_end()
                assert lines.count(alice.line(TEXT)) == 40
                assert lines[-1] == phrases.KICKED

    run(story())


@pytest.mark.parametrize("is_reading", [True, False])
def test_the_last_bytes_are_still_delivered_when_the_server_stops(
    run: Run, is_reading: bool
) -> None:
    async def story() -> None:
        async with a_room(drain=LIMIT) as stalled:
            server = stalled.room.server
            alice = await stalled.room.joins("alice")
            with Staller() as mallory:
                connection = await mallory.joins(stalled.room, alice)
                for _ in range(40):
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                stopping = asyncio.create_task(server.stop())
                await alice.reads_the_end(phrases.CLOSING)
                stalled.stalls()
                await some_turns()
                assert connection in server.connections
                if is_reading:
                    lines = await mallory.reads_to_the_end()
                    assert lines[-2:] == [alice.line(TEXT), phrases.CLOSING]
                else:
                    stalled.runs(LIMIT)
                    await until(lambda: connection not in server.connections)
            await asyncio.wait_for(stopping, PATIENCE)

    run(story())


def test_a_leaver_who_does_not_read_is_not_waited_for_when_time_does_pass(run: Run) -> None:
    async def story() -> None:
        async with a_room(idle_timeout=LIMIT) as stalled:
            alice = await stalled.room.joins("alice")
            with Staller() as mallory:
                connection = await mallory.joins(stalled.room, alice)
                while not connection.outbox.owed:
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                stalled.runs(LIMIT)
                assert connection.leaving
                stalled.runs(FAREWELL)
                await until(lambda: connection not in stalled.room.server.connections)

    run(story())


# What a real one does to an event loop.


def test_what_has_come_is_read_before_anybody_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    async def story() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        async with open_room(idle_timeout=LIMIT, clock=lambda: clock.now) as room:
            alice = await room.joins("alice")

            def interrupted(_: float | None) -> list[Any]:
                monkeypatch.undo()
                return []

            monkeypatch.setattr(loop.watched, "select", interrupted)
            alice.says("I am typing")
            clock.advance(LIMIT)
            await alice.reads(alice.line("I am typing"))

    run_by(story(), clock)


@POSIX
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_who_has_typed_meanwhile_is_heard_before_anybody_is_judged(loop: str) -> None:
    need_loop(loop)
    limit = 0.9 * LONGEST  # So that it passes by the clock of the server, too.
    with running("--loop", loop, "--idle-timeout", str(limit)) as room:
        (alice,) = room.join("alice")
        program = room.own_program()
        alice.send("who")
        alice.reads(phrases.IS_ONLINE.format(name=alice.name))
        os.kill(program.process.pid, signal.SIGSTOP)
        os.waitpid(program.process.pid, os.WUNTRACED)  # Returns when it stands still.
        stopped_at = time.monotonic()
        alice.send("I am typing")
        time.sleep(max(stopped_at + limit + 0.1 - time.monotonic(), 0))  # The limit has to pass.
        os.kill(program.process.pid, signal.SIGCONT)
        alice.reads(alice.says("I am typing"))
        assert program.stdout.with_text("reason=idle") == 0

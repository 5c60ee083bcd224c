"""Limits: how fast one may talk, how many may come, how long one may be silent."""

import asyncio
import contextlib
import logging
import socket
from itertools import count
from pathlib import Path

import pytest

from im_final import phrases
from im_final import server as server_module
from im_final.connection import FAREWELL, LINGER
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room, open_room
from tests.stages.clock import Clock
from tests.stages.turns import PATIENCE, until

BURST, RATE = 3, 256.0  # A power of two, so that a turn is exactly a turn.
IDLE = 300.0
KIB = 2**10
MIB = 2**20


async def end_of(room: Room) -> str:
    """What somebody reads who is not let in."""
    reader, writer = await asyncio.open_connection("127.0.0.1", room.server.port)
    async with asyncio.timeout(PATIENCE):
        told = await reader.read()
    writer.close()
    return told.decode()


# The pace.


def test_lines_beyond_the_pace_are_delayed_until_it_is_their_time(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(
            exempt=(), flood_burst=BURST, flood_rate=RATE, clock=lambda: clock.now
        ) as room:
            flooder, others = await room.joins(), count()
            flooder.says(*[str(number) for number in range(10)])
            await flooder.reads(*[flooder.line(str(number)) for number in range(BURST)])
            for number in range(BURST, 10):
                other = await room.connects()  # Who comes has a pace of their own.
                other.says(f"meanwhile {next(others)}")
                await flooder.reads(other.line(phrases.ONLINE))
                assert (await flooder.next_line()).startswith(other.line("meanwhile"))
                await other.vanishes()
                await flooder.reads(other.line(phrases.OFFLINE))
                clock.advance(1 / RATE)
                await flooder.reads(flooder.line(str(number)))

    run(story())


def test_a_flood_loses_nothing_and_kills_nobody(run: Run) -> None:
    async def story() -> None:
        async with open_room(exempt=(), flood_burst=BURST, flood_rate=2000.0) as room:
            alice, flooder = await room.joins(), await room.joins()
            said = [f"{number} 你好" for number in range(300)]
            flooder.says(*said, "last words")
            flooder.ends_input()
            await alice.reads(*[flooder.line(text) for text in said], flooder.line("last words"))
            await alice.reads(flooder.line(phrases.OFFLINE))

    run(story())


def test_what_a_flooder_has_sent_waits_in_their_own_socket(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(exempt=(), flood_burst=BURST, clock=lambda: clock.now) as room:
            flooder = await room.joins()
            connection = room.connection(flooder.addr)
            flooder.sends(b"a\n" * 2**20)
            await until(lambda: connection.held)
            assert len(connection.lines.rest) <= 4 * KIB
            assert not connection.transport.is_reading()
            await flooder.vanishes()
            clock.advance(1)  # That it is gone is seen when it is written to.

    run(story())


NO_LINES = {
    "empty lines": b"\n",
    "empty lines of telnet": b"\r\n",
    "telnet commands": b"\xff\xf1",
    "telnet offers": b"\xff\xfd\x06",
    "telnet offers in a text": b"a\xff\xfd\x06\xff\xfb\x01",
    "what is told about an option": b"\xff\xfa" + b"x" * 200 + b"\xff\xf0",
}


@pytest.mark.parametrize("work", NO_LINES.values(), ids=NO_LINES)
def test_what_is_no_line_has_its_price_too(run: Run, work: bytes) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(exempt=(), flood_burst=BURST, clock=lambda: clock.now) as room:
            alice, flooder = await room.joins(), await room.joins()
            connection = room.connection(flooder.addr)
            before = room.counts().bytes_in
            flooder.sends(work * (64 * KIB // len(work)))
            await until(lambda: connection.held)
            assert room.counts().bytes_in - before <= BURST * 4 * KIB
            assert not connection.transport.is_reading()
            await flooder.vanishes()
            alice.says("hello")  # That it is gone is seen when it is written to.
            await alice.reads_on_until(flooder.line(phrases.OFFLINE))

    run(story())


@pytest.mark.parametrize("work", NO_LINES.values(), ids=NO_LINES)
def test_what_comes_after_it_is_heard_later_and_nothing_is_lost(run: Run, work: bytes) -> None:
    async def story() -> None:
        async with open_room(exempt=(), flood_burst=BURST, flood_rate=2000.0) as room:
            alice, flooder = await room.joins(), await room.joins()
            flooder.sends(work * (2 * KIB // len(work)) + b"\nhello\n")
            await alice.reads_on_until(flooder.line("hello"))

    run(story())


@pytest.mark.parametrize(("closed", "reads"), [(False, 10 * 16 + 1), (True, 3 * 16 + 1)])
def test_one_byte_at_a_time_is_heard_so_often_and_a_guest_less_often(
    run: Run, tmp_path: Path, closed: bool, reads: int
) -> None:
    (tmp_path / "password").write_text("sesame\n")

    async def story() -> None:
        clock = Clock()
        options = {"password_file": str(tmp_path / "password")} if closed else {}
        async with open_room(exempt=(), flood_burst=10, clock=lambda: clock.now, **options) as room:
            dribbler = await room.connects()
            await until(lambda: len(room.server.connections) == 1)
            connection = room.connection(dribbler.addr)
            count = 0
            while not connection.held:
                before = room.counts().bytes_in
                dribbler.sends(b"x")
                await until(lambda before=before: room.counts().bytes_in > before)
                count += 1
            assert count == reads
            clock.advance(60)  # The debt is paid, and the end is read.

    run(story())


def test_one_who_is_told_to_go_is_not_read_for_ever(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(exempt=(), max_per_address=1, clock=lambda: clock.now) as room:
            await room.joins()
            refused = await room.connects()
            await until(lambda: len(room.server.connections) == 2)
            connection = room.connection(refused.addr)
            before = room.counts().bytes_in
            refused.sends(b"x" * 8 * MIB)
            await until(lambda: connection.due)
            assert not connection.transport.is_reading()
            assert room.counts().bytes_in - before <= (3 * 16 + 2) * KIB / 2  # Reads of 512 bytes.
            await refused.vanishes()
            clock.advance(FAREWELL + LINGER)  # Nothing is read: only its time ends it.

    run(story())


def test_exempt_networks_have_no_pace(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(flood_burst=BURST, clock=lambda: clock.now) as room:
            alice = await room.joins()
            alice.says(*["hello"] * 1000)
            await alice.reads(*[alice.line("hello")] * 1000)

    run(story())


# How many.


def test_when_the_room_is_full_the_next_is_told_so_and_takes_no_place(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_connections=2) as room:
            alice, bob = await room.joins(), await room.joins()
            for _ in range(5):
                assert await end_of(room) == f"{phrases.FULL}\n"
            assert room.counts().refusals == {"full": 5}
            await bob.leaves()
            await alice.reads(bob.line(phrases.OFFLINE))
            await until(lambda: room.server.gate.count == 1)
            await room.joins()
            assert await end_of(room) == f"{phrases.FULL}\n"

    run(story())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_so_many_from_one_address_and_no_more(run: Run, host: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this system has no IPv6")

    async def story() -> None:
        async with open_room(host=host, max_per_address=2, exempt=()) as room:
            people = [await room.connects(host) for _ in range(2)]
            await until(lambda: len(room.server.online_map) == 2)
            refused = await room.connects(host)
            await refused.reads_the_end(phrases.TOO_MANY)
            assert room.counts().refusals == {"address": 1}
            await people[0].leaves()
            await until(lambda: room.server.gate.count == 1)
            await room.connects(host)
            await until(lambda: len(room.server.online_map) == 2)

    run(story())


def test_who_comes_and_goes_too_fast_is_told_to_come_later(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        options = {"exempt": (), "arrival_burst": 2, "arrival_rate": 0.1}
        async with open_room(**options, clock=lambda: clock.now) as room:

            async def comes_and_goes() -> None:
                visitor = await room.connects()
                await visitor.reads(visitor.line(phrases.ONLINE))
                await visitor.leaves()

            for _ in range(2):
                await comes_and_goes()
            assert await end_of(room) == f"{phrases.TOO_FAST}\n"
            assert room.counts().refusals == {"rate": 1}
            clock.now += 10
            await comes_and_goes()
            clock.now += 20
            room.server.sweep()
            assert not room.server.gate.paces

    run(story())


def test_exempt_networks_count_in_all_but_not_by_address(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_per_address=1, max_connections=3) as room:
            for _ in range(3):
                await room.joins()
            assert await end_of(room) == f"{phrases.FULL}\n"

    run(story())


def test_one_who_is_refused_is_not_seen_and_cannot_talk(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def story() -> None:
        async with open_room(max_connections=1) as room:
            alice = await room.joins()
            refused = await room.connects()
            refused.says("rename|eve", "hello", "who")
            refused.ends_input()
            await refused.reads_the_end(phrases.FULL)
            alice.says("who")
            await alice.reads(phrases.IS_ONLINE.format(name=alice.addr))
            logged = [one for one in caplog.records if getattr(one, "addr", "") == refused.addr]
            assert [(one.msg, getattr(one, "reason", "")) for one in logged] == [
                ("left", "refused")
            ]

    run(story())


def test_only_so_many_at_a_time_are_told_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "TURNED_AWAY", 3)

    async def story() -> None:
        async with open_room(max_connections=1) as room:
            await room.joins()
            lingering = [await room.connects() for _ in range(3)]
            await until(lambda: room.server.turned_away == 3)
            for _ in range(3):
                with contextlib.suppress(ConnectionError):
                    assert await end_of(room) == ""
            assert room.counts().refusals == {"full": 6}
            for person in lingering:
                await person.reads_the_end(phrases.FULL)
                await person.leaves()
            await until(lambda: room.server.turned_away == 0)
            assert await end_of(room) == f"{phrases.FULL}\n"

    run(story())


# How long.


def test_the_idle_are_told_and_shown_out_after_the_limit_and_not_before(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(clock=lambda: clock.now) as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            clock.advance(IDLE - 1)
            room.server.sweep()
            alice.says("", "who")
            await alice.reads(*[phrases.IS_ONLINE.format(name=name) for name in ("alice", "bob")])
            bob.sends(b"half a li")
            await until(lambda: room.connection(bob.addr).lines.rest == b"half a li")
            clock.advance(1)
            room.server.sweep()
            await bob.reads_the_end(phrases.KICKED)
            await alice.reads(bob.line(phrases.OFFLINE))
            clock.advance(IDLE - 1)
            room.server.sweep()
            await alice.reads_the_end(phrases.KICKED)
            assert room.counts().departures == {"idle": 2}

    run(story())


def test_the_clock_may_jump_and_nobody_is_harmed_but_the_idle(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(exempt=(), clock=lambda: clock.now) as room:
            alice = await room.joins()
            clock.advance(-1e6)
            room.server.sweep()
            alice.says("hello")
            await alice.reads(alice.line("hello"))
            clock.advance(1e9)
            alice.says("again")
            await alice.reads(alice.line("again"))
            room.server.sweep()
            alice.says("still here")
            await alice.reads(alice.line("still here"))

    run(story())


def test_the_server_looks_at_the_idle_by_itself(run: Run) -> None:
    async def story() -> None:
        async with open_room(idle_timeout=0.1) as room:
            person = await room.connects()
            await person.reads_the_end(person.line(phrases.ONLINE), phrases.KICKED)

    run(story())

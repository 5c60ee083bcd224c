"""What waits for one user is bounded, and costs nobody else anything.

The wire under a guest can be stuck, as a socket whose other end does not read. Who is BACKLOG bytes
behind then is dropped; who only lags, or asks for a lot, is not.
"""

import asyncio
import importlib

import pytest

from stages import phrases, stage2, stage4, stage5, stage8
from stages.stage2 import BACKLOG
from tests.stages.guests import Connection, Guest, line, roster
from tests.stages.turns import some_turns, until


def fill(user: stage2.User, size: int) -> None:
    """Send lines until so many bytes wait in the outbox."""
    while (room := size - len(user.outbox)) > 0:
        user.send_message("x" * (min(room, 4096) - 1))


async def stuck(connection: Connection) -> stage2.User:
    """A user whose socket has begun to take something, and does not go on."""
    user = stage2.User(connection.reader, connection.writer)
    connection.wire.stuck = True
    user.send_message("the first line")
    await until(lambda: connection.wire.waiting > 0)
    return user


def test_a_stuck_user_is_dropped_when_more_than_the_backlog_waits() -> None:
    async def story() -> None:
        connection = Connection()
        user = await stuck(connection)
        fill(user, BACKLOG)
        await some_turns()
        assert len(user.outbox) == BACKLOG
        assert not connection.wire.is_closing()
        user.send_message("")
        assert connection.wire.is_closing()
        async with asyncio.timeout(5):
            assert await connection.reader.read() == b""

    asyncio.run(story())


def test_a_stuck_user_below_the_backlog_gets_it_all() -> None:
    async def story() -> None:
        connection = Connection()
        user = await stuck(connection)
        fill(user, BACKLOG)
        connection.wire.moves_on()
        await some_turns()
        assert not connection.wire.is_closing()
        assert len(b"".join(connection.wire.writes)) == BACKLOG + len("the first line\n")

    asyncio.run(story())


def test_who_lags_but_reads_on_is_not_dropped() -> None:
    async def story() -> None:
        connection = Connection()
        user = await stuck(connection)
        for _ in range(10):
            fill(user, BACKLOG)
            connection.wire.moves_on()
            await some_turns()
            connection.wire.stuck = True
            user.send_message("")
            await until(lambda: connection.wire.waiting > 0)
        assert not connection.wire.is_closing()
        assert len(b"".join(connection.wire.writes)) > 10 * BACKLOG

    asyncio.run(story())


def test_a_burst_beyond_the_backlog_drops_nobody_whose_socket_takes_it() -> None:
    async def story() -> None:
        connection = Connection()
        user = stage2.User(connection.reader, connection.writer)
        fill(user, 3 * BACKLOG)
        await some_turns()
        assert not connection.wire.is_closing()
        assert [len(write) for write in connection.wire.writes] == [3 * BACKLOG]

    asyncio.run(story())


@pytest.mark.parametrize("stage", range(2, 9))
def test_lines_of_one_moment_travel_in_one_write(stage: int) -> None:
    async def story() -> None:
        server = importlib.import_module(f"stages.stage{stage}").Server()
        watcher, *crowd = [Connection() for _ in range(101)]
        visits = [asyncio.create_task(server.handle(watcher.reader, watcher.writer))]
        await some_turns()
        watcher.wire.writes.clear()
        visits += [asyncio.create_task(server.handle(one.reader, one.writer)) for one in crowd]
        await some_turns()
        assert len(watcher.hears()) == 100
        assert len(watcher.wire.writes) == 1
        assert [len(one.wire.writes) for one in crowd] == [1] * 100
        for connection in (watcher, *crowd):
            connection.reader.feed_eof()
        await asyncio.gather(*visits)

    asyncio.run(story())


def test_the_room_goes_on_while_one_is_stuck_until_they_are_dropped() -> None:
    async def story() -> None:
        server = stage4.Server()
        alice, bob, staller = guests = [Guest(server) for _ in range(3)]
        for guest in guests:
            guest.begins_visit()
        await some_turns()
        staller.user = server.online_map[staller.addr]  # type: ignore[assignment]
        staller.wire.stuck = True
        left = line(staller.user, phrases.OFFLINE)
        longest, heard, said = 0, [*alice.hears(), *bob.hears()], 0
        while left not in heard:
            said += 1
            assert said * 1000 < 2 * BACKLOG
            alice.says("x" * 1000)
            await some_turns()
            heard = bob.hears()
            assert alice.hears() == heard
            assert heard
            longest = max(longest, len(staller.user.outbox))
        assert longest <= BACKLOG
        assert said * 1000 > BACKLOG - 100_000
        assert roster(server) == [alice.addr, bob.addr]

    asyncio.run(story())


@pytest.mark.parametrize("server_class", [stage5.Server, stage8.Server])
def test_many_answers_wait_for_their_asker_and_drop_nobody(
    server_class: type[stage5.Server],
) -> None:
    async def story() -> None:
        server = server_class()
        asker, other = Guest(server), Guest(server)
        other.enters()
        asker.wire.stuck = True
        asker.begins_visit()
        asker.says(*["who"] * 5000)
        most = 0
        for _ in range(5000):
            await some_turns()
            most = max(most, asker.wire.waiting)
            asker.wire.moves_on()
            asker.wire.stuck = True
        asker.wire.moves_on()
        await some_turns()
        assert most < 500, "one answer at a time"
        assert len(asker.hears()) == 1 + 2 * 5000
        assert asker.addr in roster(server)
        asker.reader.feed_eof()
        await some_turns()
        assert roster(server) == [other.addr]

    asyncio.run(story())


def test_an_answer_beyond_the_backlog_drops_nobody() -> None:
    async def story() -> None:
        server = stage8.Server()
        asker = Guest(server)
        user = asker.enters()
        assert isinstance(user, stage5.User)
        await user.answer(*["x" * 1000] * 2000)
        assert not asker.wire.is_closing()
        assert len(asker.hears()) == 1 + 2000

    asyncio.run(story())


def test_no_lines_are_hoarded_for_one_who_was_dropped() -> None:
    async def story() -> None:
        server = stage8.Server()
        flooder = Guest(server)
        flooder.wire.stuck = True
        visit = flooder.begins_visit()
        await some_turns()
        user = server.online_map[flooder.addr]
        flooder.says(*["a"] * 150_000)  # 300 kB, of which asyncio reads as much ahead.
        most = 0
        while not visit.done():
            most = max(most, len(user.outbox))
            await asyncio.sleep(0)
        assert most <= BACKLOG + 100

    asyncio.run(story())

"""The idle limit, told by a clock that stands still until the test advances it.

Stage 7 brings the limit; stage 8 has it unchanged. Nobody is shown out early, late or by mistake.
"""

import asyncio
from unittest.mock import patch

import pytest

from stages import phrases, stage1, stage2, stage3, stage7
from tests.stages.clock import Clock, ClockLoop, run
from tests.stages.people import Person, Room, Troublemaker, is_stuck, open_room, server_of
from tests.stages.turns import some_turns, until

LIMIT = 10.0
A_MOMENT = 1 / 1024  # Seconds; a power of two, so that sums of times are exact.

pytestmark = pytest.mark.parametrize("stage", [7, 8])


@pytest.fixture
def clock() -> Clock:
    return Clock()


def room_of(stage: int) -> stage2.Server:
    return server_of(stage, idle_timeout=LIMIT)


async def sends_and_is_heard(room: Room, person: Person, data: bytes) -> None:
    """Send bytes which nobody can see arrive, and wait until they have."""
    reader = room.user(person).reader
    with patch.object(reader, "feed_data", wraps=reader.feed_data) as fed:
        person.sends(data)
        await until(lambda: fed.called)
    await some_turns()


def test_the_kick_comes_at_the_limit_and_not_before(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            clock.advance(LIMIT - A_MOMENT)
            await some_turns()
            assert "bob" in room.server.online_map
            clock.advance(A_MOMENT)
            await bob.reads_the_end(phrases.KICKED)
            assert not room.server.online_map

    run(story(), clock)


def test_a_deadline_that_is_noticed_late_kicks_nobody(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            for text in ("I am typing", "and typing"):
                bob.says(text)
                clock.advance(LIMIT + stage7.LATE + A_MOMENT)  # The program stood still.
                for person in (alice, bob):
                    await person.reads(bob.line(text))
            clock.advance(LIMIT)
            await alice.reads_on_until(phrases.KICKED)
            await bob.reads_on_until(phrases.KICKED)
            assert not room.server.online_map

    run(story(), clock)


def test_a_deadline_is_late_after_more_than_a_moment(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            clock.advance(LIMIT + stage7.LATE)
            await bob.reads_the_end(phrases.KICKED)

    run(story(), clock)


@pytest.mark.parametrize("text", ["hello", "", "who"])
def test_every_line_moves_the_deadline(stage: int, clock: Clock, text: str) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            for _ in range(3):
                clock.advance(LIMIT - A_MOMENT)
                await sends_and_is_heard(room, bob, f"{text}\n".encode())
                assert "bob" in room.server.online_map
            clock.advance(LIMIT)
            await bob.reads_on_until(phrases.KICKED)
            await bob.reads_the_end()

    run(story(), clock)


def test_bytes_without_a_newline_do_not_move_it(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            clock.advance(LIMIT / 2)
            await sends_and_is_heard(room, bob, b"half a li")
            clock.advance(LIMIT / 2 - A_MOMENT)
            await sends_and_is_heard(room, bob, b"ne")
            clock.advance(A_MOMENT)
            await bob.reads_the_end(phrases.KICKED)

    run(story(), clock)


def test_the_end_of_a_line_begun_long_ago_moves_it(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            await sends_and_is_heard(room, bob, b"one li")
            clock.advance(LIMIT - A_MOMENT)
            await sends_and_is_heard(room, bob, b"ne\n")
            await bob.reads(bob.line("one line"))
            clock.advance(LIMIT - A_MOMENT)
            bob.says("another")
            await bob.reads(bob.line("another"))

    run(story(), clock)


def test_receiving_does_not_move_it(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            for text in ("hello?", "are you there?"):
                clock.advance(LIMIT / 2 - A_MOMENT)
                alice.says(text)
                await alice.reads(alice.line(text))
                await bob.reads(alice.line(text))
            clock.advance(2 * A_MOMENT)
            await bob.reads_the_end(phrases.KICKED)
            await alice.reads(bob.line(phrases.OFFLINE))

    run(story(), clock)


def test_two_who_idle_out_together_are_both_told_and_both_missed(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            alice, bob, carol = [await room.joins(name) for name in ("alice", "bob", "carol")]
            clock.advance(LIMIT / 2)
            carol.says("still here")
            for person in (alice, bob, carol):
                await person.reads(carol.line("still here"))
            clock.advance(LIMIT / 2)
            lines = {await carol.next_line(), await carol.next_line()}
            assert lines == {alice.line(phrases.OFFLINE), bob.line(phrases.OFFLINE)}
            ends = []
            for person in (alice, bob):
                rest = await asyncio.wait_for(person.reader.read(), LIMIT)
                ends.append(rest.decode().splitlines())
            # Who is kicked first is not there to read the other's leave line.
            assert [phrases.KICKED] in ends
            assert all(end[-1] == phrases.KICKED for end in ends)
            carol.says("who")
            await carol.reads(phrases.IS_ONLINE.format(name="carol"))

    run(story(), clock)


def test_an_old_limit_does_not_strike_a_new_user_of_the_name(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            old = await room.joins("bob")
            clock.advance(LIMIT / 2)
            await old.leaves()
            await until(lambda: "bob" not in room.server.online_map)
            new = await room.joins("bob")
            clock.advance(LIMIT / 2)  # The old bob's limit.
            await some_turns()
            new.says("who")
            await new.reads(phrases.IS_ONLINE.format(name="bob"))
            clock.advance(LIMIT - A_MOMENT)
            await some_turns()
            assert list(room.server.online_map) == ["bob"]
            clock.advance(A_MOMENT)
            await new.reads_the_end(phrases.KICKED)

    run(story(), clock)


def test_after_ending_the_input_there_is_no_kick(stage: int, clock: Clock) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            bob = await room.joins("bob")
            bob.says("who")
            bob.ends_input()
            await until(lambda: not room.server.online_map)
            clock.advance(LIMIT)
            await bob.reads_the_end(phrases.IS_ONLINE.format(name="bob"))

    run(story(), clock)


def test_who_does_not_read_the_answers_to_who_is_kicked_at_the_limit(
    stage: int, clock: Clock
) -> None:
    async def story() -> None:
        async with open_room(room_of(stage)) as room:
            alice = await room.joins("alice")
            with Troublemaker() as sock:
                user = await sock.joins(room, alice)
                leave_line = phrases.SAID.format(
                    addr=user.addr, name=user.name, text=phrases.OFFLINE
                )
                sock.send(b"who\n" * 2000)
                await until(lambda: is_stuck(user))
                clock.advance(LIMIT - A_MOMENT)
                alice.says("I am not idle")
                await alice.reads(alice.line("I am not idle"))
                assert isinstance(user, stage3.User)
                assert user.unread, "it waits in an answer, with more to ask"
                clock.advance(A_MOMENT)
                await alice.reads(leave_line)
                assert list(room.server.online_map) == ["alice"]
                clock.advance(stage1.LINGER)
                await until(user.writer.is_closing)
                clock.advance(stage1.GOODBYE)
                await until(lambda: len(room.server.tasks) == 1)

    run(story(), clock)


def test_lines_leave_no_pile_of_timers(stage: int, clock: Clock) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        async with open_room(room_of(stage)) as room:
            bob = await room.joins()
            most = 0
            for _ in range(200):
                bob.says(*[""] * 100)
                bob.says("!")
                await bob.reads(bob.line("!"))
                most = max(most, loop.timers())
            assert most < 200, "for 20,000 lines"

    run(story(), clock)

"""Who has very much to say says it in parts, between which all others are written to and read."""

import asyncio
from unittest.mock import patch

import pytest

from im_final import hearing
from im_final.fanout import FanOut
from im_final.server import SHARE
from tests.im_final.conftest import Run
from tests.im_final.rooms import Staller, open_room
from tests.stages.people import Person
from tests.stages.turns import PATIENCE, until

LONGEST_LINE = 5000  # Bytes, with whose line it is.
BACKLOG = 2**16
SHORT = "x"
PASTE = 10_000  # Short lines: 350 KiB when they are said, many backlogs.
LAST = "that is all"


async def reads_all_of_it(reader: Person, speaker: Person) -> int:
    """Do nothing but read, until the last line of a paste; returns how many lines that was."""
    count = 1
    async with asyncio.timeout(PATIENCE):
        while await reader.next_line() != speaker.line(LAST):
            count += 1
    return count


def test_what_one_says_in_a_turn_is_limited_however_short_the_lines(run: Run) -> None:
    said_by_turn: list[int] = []
    turn = FanOut.turn

    def measured(fanout: FanOut) -> None:
        said_by_turn.append(fanout.log.end - sum(said_by_turn))
        turn(fanout)

    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            with patch.object(FanOut, "turn", measured):
                said_by_turn.append(room.server.room.log.end)
                texts = ["a|b", *"x" * 30_000, "that is all"]
                alice.says(*texts)
                for text in texts:
                    await bob.reads(alice.line(text))
            del said_by_turn[0]
            assert sum(said_by_turn) > 2 * SHARE, "it was not enough to be said in parts"
            assert max(said_by_turn) <= SHARE + LONGEST_LINE

    run(story())


@pytest.mark.parametrize("speakers", [1, 3])
def test_who_does_nothing_but_read_loses_no_place_to_one_who_pastes(
    run: Run, monkeypatch: pytest.MonkeyPatch, speakers: int
) -> None:
    monkeypatch.setattr(hearing, "WAIT", PATIENCE)  # However slow this machine is.

    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            loud = [await room.joins() for _ in range(speakers)]
            readers = [await room.joins_slowly() for _ in range(10)]
            for one in loud:
                one.sends(f"{SHORT}\n".encode() * (PASTE // speakers) + f"{LAST}\n".encode())
            await asyncio.gather(*[reads_all_of_it(one, loud[-1]) for one in readers + loud])
            assert room.counts().departures == {}

    run(story())


def test_one_who_does_not_read_is_waited_for_a_moment_and_not_for_ever(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "WAIT", 0.001)

    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice, bob = await room.joins(), await room.joins()
            with Staller() as staller:
                await staller.joins(room)
                alice.sends(f"{SHORT}\n".encode() * PASTE + f"{LAST}\n".encode())
                await asyncio.gather(*[reads_all_of_it(one, alice) for one in (alice, bob)])
                await until(lambda: room.counts().departures == {"backlog": 1})
                staller.vanishes()

    run(story())


def test_a_line_by_itself_waits_for_nobody_and_the_next_does(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "WAIT", PATIENCE)

    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice, bob = await room.joins(), await room.joins()
            with Staller() as staller:
                await staller.joins(room)
                alice.sends(f"{SHORT}\n".encode() * PASTE)
                await until(lambda: room.connection(alice.addr).held)
                bob.says("excuse me")
                await bob.reads_on_until(bob.line("excuse me"))
                assert room.connection(alice.addr).held
                bob.says("one thing more")
                await until(lambda: room.connection(bob.addr).held)
                staller.vanishes()
                bob.says(LAST)

    run(story())

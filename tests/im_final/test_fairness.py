"""Who has very much to say says it in parts, between which all others are written to."""

from unittest.mock import patch

from im_final.connection import SHARE
from im_final.fanout import FanOut
from tests.im_final.conftest import Run
from tests.im_final.rooms import open_room

LONGEST_LINE = 5000  # Bytes, with whose line it is.


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

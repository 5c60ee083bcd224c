"""`catch` tells which servers a check finds wrong, and every suspect has its one mistake."""

import html

import pytest

from stages import stage5
from stages.check.failure import Failure
from stages.exercises import catch
from stages.exercises.catching import complaint
from stages.exercises.suspects import SUSPECTS, Suspect
from stages.lab import Room

ALL = [(stage, suspect) for stage, suspects in SUSPECTS.items() for suspect in suspects]
every_suspect = pytest.mark.parametrize(
    ("stage", "suspect"), ALL, ids=lambda one: one.mistake if isinstance(one, Suspect) else None
)


@every_suspect
def test_a_suspect_is_the_stage_with_one_piece_replaced(stage: int, suspect: Suspect) -> None:
    assert suspect.server(stage).__name__ == "Server"
    assert suspect.mistake
    assert suspect.right != suspect.wrong


def test_a_piece_that_is_not_there_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="stage 5 does not have this once: no such line"):
        Suspect("is not there", "no such line", "").server(5)


def test_there_are_suspects_for_four_stages() -> None:
    assert {stage: len(suspects) for stage, suspects in SUSPECTS.items()} == dict.fromkeys(
        (3, 5, 6, 8), 6
    )
    with pytest.raises(ValueError, match="no suspects for stage 4; there are some for 3, 5, 6, 8"):
        catch(4, nothing_is_wrong)


def nothing_is_wrong(room: Room) -> None:
    """A check that is content."""
    room.join("alice")


def bob_asks(room: Room) -> None:
    """A check that looks at the answer to `who` alone."""
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")


def test_a_check_that_is_content_with_anything_catches_nobody() -> None:
    found = catch(5, nothing_is_wrong)
    assert not found.passed
    text = repr(found)
    assert text.startswith("the right server   passes\n")
    assert "suspect 1          not caught: it answers everyone, not only the one who asked" in text
    assert text.endswith("\n\n0 of 6 suspects caught, and the right server passes.")


def test_what_was_caught_is_told_with_its_reason() -> None:
    text = repr(catch(5, bob_asks))
    assert "suspect 2          caught: bob: nothing came in 2 s" in text
    assert "suspect 3          caught: bob: one or more lines before this one are missing" in text
    assert text.endswith("2 of 6 suspects caught, and the right server passes.")


@pytest.mark.parametrize("error", [Failure("it is wrong"), AssertionError("it is wrong")])
def test_a_check_may_not_accuse_the_right_server(error: Exception) -> None:
    asked = []

    def accuses(room: Room) -> None:
        asked.append(room)
        raise error

    found = catch(5, accuses)
    assert len(asked) == 1
    assert "the right server   accused: " in repr(found)
    assert repr(found).endswith("The right server is accused: no check may do that.")


def test_a_check_that_accuses_by_what_it_remembers_is_found_out_at_the_end() -> None:
    asked = []

    def accuses_whoever_comes_second(room: Room) -> None:
        asked.append(room)
        if len(asked) > 1:
            raise AssertionError("not the first")

    found = catch(5, accuses_whoever_comes_second)
    assert len(asked) == 8
    assert not found.passed
    accused = "the right server   accused: AssertionError: not the first (when it is tried again)"
    assert accused in repr(found)


def test_spaces_that_count_can_be_seen() -> None:
    def sees_a_space(room: Room) -> None:
        room.note("they differ in a space")
        raise Failure("they differ", expected="who ", got="who", reader="bob")

    said = complaint(stage5.Server, sees_a_space)
    assert said == "bob: they differ: expected 'who ', got who"


def test_all_caught_is_one_sentence_and_a_table_in_html() -> None:
    def omniscient(room: Room) -> None:
        if type(room.server) is not stage5.Server:
            raise ValueError("<not> ours")

    found = catch(5, omniscient)
    assert found.passed
    assert repr(found) == "6 of 6 suspects caught, and the right server passes."
    page = found._repr_html_()
    assert page.count("<tr>") == 7
    assert html.escape("caught: ValueError: <not> ours") in page


def test_a_check_that_is_not_written_says_so() -> None:
    def stub(room: Room) -> None:
        raise NotImplementedError("catch: your turn")

    with pytest.raises(NotImplementedError, match="catch: your turn"):
        catch(5, stub)


def test_no_room_stays_open() -> None:
    before = dict(Room.opened)
    assert complaint(stage5.Server, nothing_is_wrong) is None
    assert Room.opened == before

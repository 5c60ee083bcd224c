"""Who is online: a model of a list of names, under any order of events."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from im_final import names, phrases, wire
from im_final.roster import Roster
from tests.im_final.core.wide import wide
from tests.stages.any_input import any_input


@dataclass(eq=False)
class Member:
    """Somebody with a name."""

    name: str


def a_room_of(*called: str) -> tuple[Roster[Member], list[Member]]:
    """A roster, and its members in the order they joined."""
    roster: Roster[Member] = Roster()
    members = [Member(name) for name in called]
    for member in members:
        roster.enter(member)
    return roster, members


def listed(*called: str) -> bytes:
    """The answer to `who`."""
    return wire.encode(*[phrases.IS_ONLINE.format(name=name) for name in called])


deeds = st.sampled_from(["enters", "leaves", "leaves again", "renames", "all leave"])
few_names = st.sampled_from(["bob", "Bob", wide("bob"), "alice", "ALICE", "carol"])


@any_input
@given(st.lists(st.tuples(deeds, st.integers(0, 9), few_names), max_size=40))
def test_the_roster_is_right_after_any_order_of_events(
    events: list[tuple[str, int, str]],
) -> None:
    """The model: who is here, in a list, as they came, each with the name they took last."""
    roster, here = a_room_of()
    gone: list[Member] = []
    for number, (deed, index, name) in enumerate(events):
        if deed == "enters":
            here.append(Member(f"192.0.2.1:{number}"))
            roster.enter(here[-1])
        elif deed == "all leave":
            roster.clear()
            gone, here = gone + here, []
        elif deed == "leaves again" and gone:
            assert roster.leave(gone[index % len(gone)]) is False
        elif deed == "leaves" and here:
            gone.append(here.pop(index % len(here)))
            assert roster.leave(gone[-1]) is True
        elif deed == "renames" and here:
            member = here[index % len(here)]
            taken = {names.key(other.name) for other in here if other is not member}
            free = names.key(name) not in taken and name != member.name
            expected = name if free else member.name
            assert roster.rename(member, name) is free
            assert member.name == expected
        called = [member.name for member in here]
        assert list(roster) == here
        assert len(roster) == len(here)
        assert roster.listing() == listed(*called)
        assert all(member in roster for member in here)
        assert not any(member in roster for member in gone)
        assert [roster.find(name) for name in called] == here
        assert {roster.find(member.name) for member in gone} <= {None, *here}


def test_who_leaves_frees_the_name() -> None:
    roster, (alice, bob) = a_room_of("alice", "bob")
    roster.leave(bob)
    assert roster.find("bob") is None
    assert roster.rename(alice, "bob")
    assert list(roster) == [alice]


def test_who_leaves_late_does_not_take_the_new_owner_of_the_name_along() -> None:
    roster, (old_bob,) = a_room_of("bob")
    roster.leave(old_bob)
    new_bob = Member("192.0.2.1:5")
    roster.enter(new_bob)
    roster.rename(new_bob, "bob")
    assert not roster.leave(old_bob)
    assert roster.find("bob") is new_bob


def test_the_old_name_is_free_once_there_is_a_new_one() -> None:
    roster, (alice, bob) = a_room_of("alice", "bob")
    assert roster.rename(bob, "robert")
    assert roster.find("bob") is None
    assert roster.rename(alice, "bob")


def test_a_name_that_looks_like_anothers_is_taken() -> None:
    roster, (alice, _) = a_room_of("alice", "bob")
    for name in ("bob", "BOB", wide("bob")):
        assert not roster.rename(alice, name)
    assert alice.name == "alice"


def test_the_case_of_ones_own_name_can_be_changed_but_the_same_name_is_taken() -> None:
    roster, (bob,) = a_room_of("bob")
    assert not roster.rename(bob, "bob")
    assert roster.rename(bob, "Bob")
    assert roster.listing() == listed("Bob")


def test_a_new_name_does_not_change_the_order() -> None:
    roster, (alice, _) = a_room_of("alice", "bob")
    roster.rename(alice, "zoe")
    assert roster.listing() == listed("zoe", "bob")


def test_members_are_found_by_any_form_of_their_name() -> None:
    roster, (bob,) = a_room_of("Bob")
    assert roster.find("bob") is roster.find(wide("BOB")) is bob
    assert roster.find("") is None


def test_the_listing_is_made_once_and_not_for_each_who_asks() -> None:
    roster, (alice, _) = a_room_of("alice", "bob")
    listing = roster.listing()
    assert roster.listing() is listing
    roster.rename(alice, "bob")  # Which is taken.
    assert roster.listing() is listing


def test_of_nobody_the_listing_is_empty() -> None:
    roster, _ = a_room_of("alice")
    roster.clear()
    assert roster.listing() == b""


def test_an_address_that_comes_again_before_the_old_one_is_gone_harms_nobody() -> None:
    roster, (old, new) = a_room_of("192.0.2.1:5", "192.0.2.1:5")
    assert roster.find("192.0.2.1:5") is new
    assert roster.leave(old)
    assert roster.find("192.0.2.1:5") is new
    assert roster.rename(new, "new")
    assert roster.leave(new)
    assert len(roster) == 0


def test_nor_if_the_new_one_goes_first() -> None:
    roster, (old, new) = a_room_of("192.0.2.1:5", "192.0.2.1:5")
    assert roster.leave(new)
    assert roster.rename(old, "old")
    assert roster.find("old") is old
    assert roster.leave(old)


def test_a_key_that_is_given_counts_and_not_what_the_name_would_have() -> None:
    roster, _ = a_room_of()
    bob, twin = Member("bob"), Member("192.0.2.1:5")
    roster.enter(bob, "robert")
    roster.enter(twin, "twin", reachable=False)
    assert roster.find("bob") is None
    assert roster.holder("robert") is bob
    assert (roster.key(bob), roster.reachable) == ("robert", 1)
    assert [roster.is_reachable(member) for member in (bob, twin)] == [True, False]
    assert not roster.rename(twin, "Bob", "robert")
    assert roster.rename(bob, "carol", "bob")
    assert roster.rename(twin, "Bob", "robert")
    assert roster.leave(bob)
    assert roster.holder("bob") is None
    assert list(roster) == [twin]

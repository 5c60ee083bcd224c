"""The rules of the room, called one by one on users without a socket: stage 4's lesson.

Each rule in the stage that brings it and in all that follow.
"""

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stages import phrases, stage4
from tests.stages.guests import Guest, line, roster


def since(stage: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stage", range(stage, 9))


class Room:
    """Three guests who have come, and what each has heard since the last look."""

    def __init__(self, stage: int) -> None:
        self.server: stage4.Server = importlib.import_module(f"stages.stage{stage}").Server()
        self.guests = [Guest(self.server) for _ in range(3)]
        self.users: list[Any] = [guest.enters() for guest in self.guests]

    def hear(self) -> list[list[str]]:
        """What each has been sent, in the order in which they came."""
        for user in self.users:
            user.flush()
        return [guest.hears() for guest in self.guests]

    def roster(self) -> list[str]:
        """The names of all who are online."""
        return roster(self.server)


def in_a_room(stage: int, story: Callable[[Room], Coroutine[Any, Any, None]]) -> None:
    """Run a story that begins when three have come and read about it."""

    async def begin() -> None:
        room = Room(stage)
        room.hear()
        await story(room)

    asyncio.run(begin())


# Coming, talking, leaving.


@since(4)
def test_online_tells_everyone_and_the_newcomer_first_of_all(stage: int) -> None:
    async def story(room: Room) -> None:
        newcomer = Guest(room.server)
        user = newcomer.enters()
        assert room.hear() == [[line(user, phrases.ONLINE)]] * 3
        user.flush()
        assert newcomer.hears() == [line(user, phrases.ONLINE)]
        assert room.roster() == [*[guest.addr for guest in room.guests], newcomer.addr]

    in_a_room(stage, story)


@since(4)
def test_offline_tells_everyone_who_is_still_there(stage: int) -> None:
    async def story(room: Room) -> None:
        alice, bob, carol = room.users
        bob.offline()
        left = line(bob, phrases.OFFLINE)
        assert room.hear() == [[left], [], [left]]
        assert room.roster() == [alice.name, carol.name]

    in_a_room(stage, story)


@since(4)
@pytest.mark.parametrize("text", ["hello", " who", "who ", "WHO", "Rename|x", "to", "rename", "|"])
def test_chat_is_said_to_everyone(stage: int, text: str) -> None:
    async def story(room: Room) -> None:
        await room.users[0].do_message(text)
        assert room.hear() == [[line(room.users[0], text)]] * 3

    in_a_room(stage, story)


@pytest.mark.parametrize(
    ("text", "first"),
    [("who", 5), ("rename|bob", 6), ("to|bob|hi", 8)],
    ids=["who", "rename", "to"],
)
@since(4)
def test_before_its_stage_a_command_is_chat(stage: int, text: str, first: int) -> None:
    async def story(room: Room) -> None:
        said = line(room.users[0], text)
        await room.users[0].do_message(text)
        assert ([said] in room.hear()) == (stage < first)

    in_a_room(stage, story)


# who, rename, to.


@since(5)
def test_who_answers_the_asker_alone(stage: int) -> None:
    async def story(room: Room) -> None:
        await room.users[1].who()
        everyone = [phrases.IS_ONLINE.format(name=guest.addr) for guest in room.guests]
        assert room.hear() == [[], everyone, []]

    in_a_room(stage, story)


@since(6)
def test_rename_keeps_the_place_and_the_address(stage: int) -> None:
    async def story(room: Room) -> None:
        alice, bob, carol = room.users
        await bob.rename("bob")
        renamed = phrases.RENAMED.format(old=bob.addr, new="bob")
        assert room.hear() == [[], [renamed], []]
        assert room.roster() == [alice.name, "bob", carol.name]
        await bob.do_message("hi")
        assert room.hear() == [[f"[{bob.addr}]bob:hi"]] * 3

    in_a_room(stage, story)


@since(6)
@pytest.mark.parametrize("asker", [0, 1], ids=["another's", "own"])
def test_rename_to_a_taken_name(stage: int, asker: int) -> None:
    async def story(room: Room) -> None:
        await room.users[1].rename("bob")
        before = room.roster()
        room.hear()
        await room.users[asker].rename("bob")
        assert room.hear()[asker] == [phrases.NAME_TAKEN]
        assert room.roster() == before

    in_a_room(stage, story)


@since(6)
@pytest.mark.parametrize("give_up", ["offline", "rename"])
def test_a_name_given_up_is_free(stage: int, give_up: str) -> None:
    async def story(room: Room) -> None:
        alice, bob, _ = room.users
        await bob.rename("bob")
        if give_up == "offline":
            bob.offline()
        else:
            await bob.rename("robert")
        await alice.rename("bob")
        assert room.roster()[0] == "bob"
        assert room.roster().count("bob") == 1

    in_a_room(stage, story)


def test_a_private_line_is_for_one() -> None:
    async def story(room: Room) -> None:
        alice, bob, _ = room.users
        await bob.rename("bob")
        room.hear()
        await alice.do_message("to|bob|a|b|")
        private = phrases.PRIVATE.format(sender=alice.name, text="a|b|")
        assert room.hear() == [[], [private], []]

    in_a_room(8, story)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("to|", phrases.PRIVATE_FORMAT),
        ("to|bob", phrases.PRIVATE_FORMAT),
        ("to||", phrases.PRIVATE_FORMAT),
        ("to||x", phrases.PRIVATE_FORMAT),
        ("to|nobody|x", phrases.PRIVATE_NO_TARGET),
        ("to| bob|x", phrases.PRIVATE_NO_TARGET),
        ("to|bob|", phrases.PRIVATE_EMPTY),
    ],
)
def test_a_mistake_in_a_private_line_is_told_to_its_sender(text: str, answer: str) -> None:
    async def story(room: Room) -> None:
        await room.users[1].rename("bob")
        room.hear()
        await room.users[0].do_message(text)
        assert room.hear() == [[answer], [], []]

    in_a_room(8, story)

"""Many people do something in the very same turn of the event loop: no one's deed undoes another's.

The guests' lines are fed, not sent, so that they have all arrived before the first is looked at.
"""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from stages import phrases, stage6, stage7, stage8
from tests.stages.clock import Clock, run
from tests.stages.guests import Guest, line, roster
from tests.stages.turns import some_turns, until

CROWD = 50
LIMIT = 10.0


async def crowd(server: stage6.Server, count: int = CROWD) -> list[Guest]:
    """Guests who have come, in order, and have read everything so far."""
    guests = [Guest(server) for _ in range(count)]
    for guest in guests:
        guest.begins_visit()
    await some_turns()
    for guest in guests:
        guest.user = server.online_map[guest.addr]  # type: ignore[assignment]
        guest.hears()
    return guests


def is_online(*names: str) -> list[str]:
    return [phrases.IS_ONLINE.format(name=name) for name in names]


@pytest.mark.parametrize(
    "server_class", [stage6.Server, stage7.Server, stage8.Server], ids=lambda cls: cls.__module__
)
def test_of_many_who_ask_for_a_name_at_once_one_gets_it(
    server_class: type[stage6.Server],
) -> None:
    async def story() -> None:
        server = server_class()
        guests = await crowd(server)
        for guest in guests:
            guest.says("rename|bob")
        await some_turns()
        answers = Counter(answer for guest in guests for answer in guest.hears())
        assert answers.pop(phrases.NAME_TAKEN) == CROWD - 1
        [(winner, (yes, _))] = [
            (guest, (phrases.RENAMED.format(old=guest.addr, new="bob"), 1))
            for guest in guests
            if guest.user.name == "bob"
        ]
        assert answers == {yes: 1}
        expected = ["bob" if guest is winner else guest.addr for guest in guests]
        assert roster(server) == expected, "in the order they joined"

    asyncio.run(story())


def test_a_name_given_up_and_a_name_asked_for_in_one_turn() -> None:
    async def story() -> None:
        server = stage8.Server()
        alice, bob = await crowd(server, 2)
        alice.says("rename|alice", "rename|ann")
        bob.says("rename|alice", "rename|alice")
        await some_turns()
        # They take turns, line by line: alice is taken at first, and free after that.
        assert bob.hears() == [
            phrases.NAME_TAKEN,
            phrases.RENAMED.format(old=bob.addr, new="alice"),
        ]
        assert roster(server) == ["ann", "alice"]

    asyncio.run(story())


def test_who_answers_are_whole_while_all_rename() -> None:
    async def story() -> None:
        server = stage8.Server()
        guests = await crowd(server)
        for number, guest in enumerate(guests):
            guest.says("who", f"rename|user{number}", "who", f"to|user{number}|me?", "who")
        await some_turns()
        for number, guest in enumerate(guests):
            heard = guest.hears()
            assert len(heard) == 3 * CROWD + 2
            assert phrases.PRIVATE.format(sender=f"user{number}", text="me?") in heard
            assert heard[-CROWD:] == is_online(*[f"user{n}" for n in range(CROWD)])

    asyncio.run(story())


def test_who_while_people_come_and_go() -> None:
    async def story() -> None:
        server = stage8.Server()
        guests = await crowd(server)
        asker, leavers = guests[0], guests[1::2]
        newcomers = [Guest(server) for _ in leavers]
        for leaver, newcomer in zip(leavers, newcomers, strict=True):
            asker.says("who")
            leaver.reader.feed_eof()
            newcomer.begins_visit()
        await some_turns()
        await until(lambda: not asker.reader._buffer)  # type: ignore[attr-defined]
        asker.hears()
        asker.says("who")
        await some_turns()
        stayed = [guest.addr for guest in [*guests[::2], *newcomers]]
        assert asker.hears() == is_online(*stayed)
        assert roster(server) == stayed

    asyncio.run(story())


@pytest.mark.parametrize("limit_is_first", [False, True])
def test_a_rename_in_the_turn_of_the_kick(limit_is_first: bool) -> None:
    """Whether the line or the limit is first: who is out is out, by whatever name."""
    clock = Clock()

    async def story() -> None:
        server = stage8.Server(idle_timeout=LIMIT)
        guests = await crowd(server)
        idle, active = guests[::2], guests[1::2]
        clock.advance(LIMIT / 2)
        for guest in active:
            guest.says("")
        await some_turns()
        clock.advance(LIMIT / 2)
        if limit_is_first:
            await asyncio.sleep(0)  # What is fed now wakes its reader behind the timers.
        for number, guest in enumerate(guests):
            guest.says(f"rename|user{number}")
        await some_turns()
        kicked = idle if limit_is_first else []
        left = {line(guest.user, phrases.OFFLINE) for guest in kicked}
        for guest in guests:
            heard = guest.hears()
            assert heard.count(phrases.KICKED) == (guest in kicked)
            if guest not in kicked:
                renamed = phrases.RENAMED.format(old=guest.addr, new=guest.user.name)
                assert Counter(heard) == Counter([renamed, *left])
        expected = [f"user{n}" for n, guest in enumerate(guests) if guest not in kicked]
        assert roster(server) == expected

    run(story(), clock)


def test_active_people_rename_while_others_are_kicked_and_others_leave() -> None:
    clock = Clock()

    async def story() -> None:
        server = stage7.Server(idle_timeout=LIMIT)
        guests = await crowd(server, 60)
        idle, leaving, active = guests[::3], guests[1::3], guests[2::3]
        clock.advance(LIMIT / 2)
        for guest in leaving + active:
            guest.says("")
        await some_turns()
        clock.advance(LIMIT / 2)
        for number, guest in enumerate(active):
            guest.says(f"rename|a{number}", f"rename|b{number}")
        for guest in leaving:
            guest.reader.feed_eof()
        await some_turns()
        assert roster(server) == [f"b{number}" for number in range(len(active))]
        gone = {line(guest.user, phrases.OFFLINE) for guest in idle + leaving}
        for number, guest in enumerate(active):
            heard = guest.hears()
            names = [guest.addr, f"a{number}", f"b{number}"]
            assert [text for text in heard if text not in gone] == [
                phrases.RENAMED.format(old=old, new=new) for old, new in pairwise(names)
            ]
            assert sorted(text for text in heard if text in gone) == sorted(gone)

    run(story(), clock)


def test_who_was_kicked_under_a_new_name_while_another_stalled_stays_gone() -> None:
    clock = Clock()

    async def story() -> None:
        server = stage8.Server(idle_timeout=LIMIT)
        alice, bob, staller = await crowd(server, 3)
        staller.wire.stuck = True
        alice.says("hello")
        await some_turns()
        assert staller.wire.waiting
        clock.advance(LIMIT / 2)
        for guest in (alice, staller):
            guest.says("")
        bob.says("rename|bob")
        await some_turns()
        clock.advance(LIMIT / 2)
        for guest in (alice, staller):
            guest.says("")
        await some_turns()
        clock.advance(LIMIT / 2)
        await some_turns()
        staller.wire.moves_on()
        staller.hears()
        staller.says("who")
        await some_turns()
        assert staller.hears()[-2:] == is_online(alice.addr, staller.addr)
        assert roster(server) == [alice.addr, staller.addr]
        assert bob.hears()[-1] == phrases.KICKED

    run(story(), clock)

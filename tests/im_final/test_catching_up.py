"""Who was behind and reads again gets every line, once, in order: over TLS as without it."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from im_final import phrases
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room, open_room
from tests.stages.people import Person
from tests.stages.turns import until

if TYPE_CHECKING:
    from tests.im_final.certificates import Certificate

TEXT = "x" * 1000
MOST = 2**24


@pytest.fixture(params=["plain", "tls"])
def ways(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How to open a room, for people with and without TLS."""
    if request.param == "plain":
        return {}
    certificate: Certificate = request.getfixturevalue("certificate")
    return {**certificate.options, "tls": certificate.client()}


async def falls_behind(room: Room, slow: Person, speaker: Person) -> list[str]:
    """The speaker says things to all and things to the slow one; returns what that one is owed."""
    connection, due, number = room.connection(slow.addr), [], 0
    while not (connection.blocked and connection.outbox.owed > 100 * len(TEXT)):
        speaker.says(f"to|slow|{number}", f"{number} {TEXT}")
        due.append(phrases.PRIVATE.format(sender=speaker.name, text=str(number)))
        due.append(speaker.line(f"{number} {TEXT}"))
        await speaker.reads(due[-1])
        number += 1
        assert number < 10_000, "everything is taken by one who does not read"
    return due


def test_every_line_comes_once_and_in_order_to_who_reads_again(
    run: Run, ways: dict[str, Any]
) -> None:
    async def story() -> None:
        async with open_room(max_backlog=MOST, **ways) as room:
            alice = await room.joins("alice")
            slow = await room.joins_slowly("slow", alice)
            for _ in range(2):
                due = await falls_behind(room, slow, alice)
                await slow.reads(*due)
            slow.says("who")
            await slow.reads(*[phrases.IS_ONLINE.format(name=name) for name in ("alice", "slow")])
            await until(lambda: not room.connection(slow.addr).blocked)
            assert room.connection(slow.addr).outbox.owed == 0

    run(story())


def test_what_is_said_while_one_catches_up_comes_after_it(run: Run, ways: dict[str, Any]) -> None:
    async def story() -> None:
        async with open_room(max_backlog=MOST, **ways) as room:
            alice = await room.joins("alice")
            slow = await room.joins_slowly("slow", alice)
            due = await falls_behind(room, slow, alice)
            for line in due:
                await slow.reads(line)
                alice.says("to|slow|and this", "and that")
                await alice.reads(alice.line("and that"))
            for _ in due:
                await slow.reads(phrases.PRIVATE.format(sender="alice", text="and this"))
                await slow.reads(alice.line("and that"))

    run(story())


def test_what_is_owed_to_a_slow_reader_comes_before_the_goodbye(
    run: Run, ways: dict[str, Any]
) -> None:
    async def story() -> None:
        async with open_room(max_backlog=MOST, **ways) as room:
            alice = await room.joins("alice")
            slow = await room.joins_slowly("slow", alice)
            due = await falls_behind(room, slow, alice)
            stopping = asyncio.create_task(room.server.stop())
            await slow.reads_the_end(*due, phrases.CLOSING)
            await alice.reads_the_end(phrases.CLOSING)
            for person in (slow, alice):
                await person.leaves()
            await stopping

    run(story())


def test_who_ends_their_input_while_the_server_says_goodbye_still_gets_what_is_owed(
    run: Run,
) -> None:
    async def story() -> None:
        async with open_room(max_backlog=MOST) as room:
            alice = await room.joins("alice")
            slow = await room.joins_slowly("slow", alice)
            due = await falls_behind(room, slow, alice)
            stopping = asyncio.create_task(room.server.stop())
            await alice.reads_the_end(phrases.CLOSING)
            connection = room.connection(slow.addr)
            slow.ends_input()
            await until(lambda: connection.at_end)
            await slow.reads_the_end(*due, phrases.CLOSING)
            await stopping

    run(story())


def test_who_ends_their_input_and_reads_slowly_gets_all_that_was_said_before(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_backlog=MOST) as room:
            alice = await room.joins("alice")
            slow = await room.joins_slowly("slow", alice)
            due = await falls_behind(room, slow, alice)
            slow.says(*["to|nobody|x"] * 3000)
            slow.says("and good night")
            slow.ends_input()
            answers = [phrases.PRIVATE_NO_TARGET] * 3000
            await slow.reads_the_end(*due, *answers, slow.line("and good night"))
            await alice.reads(slow.line("and good night"), slow.line(phrases.OFFLINE))

    run(story())

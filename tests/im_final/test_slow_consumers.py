"""Who does not read is dropped, by bytes or by time; nobody else notices, and memory is bounded."""

import contextlib

from im_final import phrases
from im_final.connection import Connection
from im_final.outbox import FULL
from tests.im_final.children import LINUX, running
from tests.im_final.conftest import Run
from tests.im_final.rooms import Room, Staller, open_room
from tests.stages.clock import Clock
from tests.stages.people import Person
from tests.stages.turns import until

BACKLOG = 2**16
TEXT = "x" * 1000
MIB = 2**20
STALL = 10.0


async def blocks(room: Room, speaker: Person, staller: Staller, *listeners: Person) -> None:
    """The speaker talks, and all but the staller read, until something waits for that one."""
    connection = room.connection(staller.addr)
    for _ in range(1000):
        if connection.blocked and connection.outbox.owed:
            return
        speaker.says(TEXT)
        for person in (speaker, *listeners):
            await person.reads(speaker.line(TEXT))
    raise AssertionError("everything is taken by one who does not read")


def test_more_than_the_backlog_behind_is_dropped_and_nobody_else_notices(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice, bob = await room.joins(), await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice, bob)
                await blocks(room, alice, mallory, bob)
                line = alice.line(TEXT)
                size = len(f"{line}\n")
                while connection.outbox.owed + size <= BACKLOG:
                    alice.says(TEXT)
                    for person in (alice, bob):
                        await person.reads(line)
                assert mallory.addr in room.server.online_map
                alice.says(TEXT)
                for person in (alice, bob):
                    await person.reads(line, mallory.line(phrases.OFFLINE))
                assert room.counts().departures == {"backlog": 1}
                await until(lambda: connection not in room.server.connections)
            bob.says("good evening")
            for person in (alice, bob):
                await person.reads(bob.line("good evening"))

    run(story())


def test_who_takes_nothing_for_as_long_as_the_stall_limit_is_dropped(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(max_stall=STALL, clock=lambda: clock.now) as room:
            alice = await room.joins()
            with Staller() as mallory:
                await mallory.joins(room, alice)
                await blocks(room, alice, mallory)
                room.server.sweep()
                clock.advance(STALL - 0.1)
                room.server.sweep()
                assert mallory.addr in room.server.online_map
                clock.advance(0.1)
                room.server.sweep()
                await alice.reads(mallory.line(phrases.OFFLINE))
                assert room.counts().departures == {"stall": 1}

    run(story())


def test_who_takes_a_little_now_and_then_is_not_dropped_by_time(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(max_stall=STALL, clock=lambda: clock.now) as room:
            alice = await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice)
                await blocks(room, alice, mallory)
                for _ in range(200):
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                waiting = [connection.transport.get_write_buffer_size()]
                while waiting[0] < BACKLOG // 2:  # A write that takes long.
                    await mallory.reads_some()
                    waiting[0] = connection.transport.get_write_buffer_size()
                for _ in range(3):
                    room.server.sweep()
                    clock.advance(STALL - 0.1)
                    while connection.transport.get_write_buffer_size() == waiting[-1]:
                        await mallory.reads_some()
                    waiting.append(connection.transport.get_write_buffer_size())
                room.server.sweep()
                assert waiting == sorted(waiting, reverse=True), "it was more than one write"
                assert mallory.addr in room.server.online_map
                assert not room.counts().departures

    run(story())


@LINUX
def test_who_takes_less_than_the_system_frees_at_once_is_not_dropped_by_time(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(max_stall=STALL, clock=lambda: clock.now) as room:
            alice = await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice, kept=2**17)
                await blocks(room, alice, mallory)
                waiting = connection.transport.get_write_buffer_size()
                for _ in range(3):
                    room.server.sweep()
                    clock.advance(STALL - 0.1)
                    before = len(mallory.heard)
                    while len(mallory.heard) < before + 2**14:
                        await mallory.reads_some()
                    assert connection.transport.get_write_buffer_size() == waiting
                room.server.sweep()
                assert mallory.addr in room.server.online_map

    run(story())


def test_own_answers_drop_nobody_they_only_stop_the_listening(run: Run) -> None:
    async def story() -> None:
        clock = Clock()
        async with open_room(max_backlog=BACKLOG, max_stall=STALL, clock=lambda: clock.now) as room:
            alice, asked = await room.joins(), 10_000
            with Staller() as mallory:
                connection = await mallory.joins(room, alice)
                mallory.says(*["to|nobody|x"] * 1000)
                await until(lambda: room.counts().lines_in >= 1000)
                more = memoryview(b"to|nobody|x\n" * (asked - 1000))
                while not connection.held:
                    with contextlib.suppress(BlockingIOError):
                        more = more[mallory.send(more) :]
                    alice.says("to|nobody|x")
                    await alice.reads(phrases.PRIVATE_NO_TARGET)
                for _ in range(3):
                    room.server.sweep()
                    clock.advance(STALL)
                room.server.sweep()
                assert FULL < connection.outbox.answers < 2 * FULL
                assert connection.statistics().is_held
                assert not room.counts().departures
                heard = 0
                while heard < asked:
                    with contextlib.suppress(BlockingIOError):
                        more = more[mallory.send(more) :] if more else more
                    await mallory.reads_some()
                    heard = mallory.heard.count(f"{phrases.PRIVATE_NO_TARGET}\n".encode())
                mallory.says("done")
                await alice.reads(mallory.line("done"))

    run(story())


def test_talking_without_reading_is_no_way_to_get_an_unbounded_queue(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice = await room.joins()
            with Staller() as mallory:
                await mallory.joins(room, alice)
                while mallory.addr in room.server.online_map:
                    with contextlib.suppress(BlockingIOError):
                        mallory.says(TEXT)
                    alice.says("!")
                    await alice.reads_on_until(alice.line("!"))
                assert room.counts().departures == {"backlog": 1}

    run(story())


@LINUX
def test_fifty_who_read_nothing_cost_one_log_and_not_fifty_queues() -> None:
    said = 900
    with running("--max-stall", "60") as room:
        (alice,) = room.join("alice")
        stalled = [room.connect(f"reader{number}", small_buffers=True) for number in range(50)]
        while (line := alice.next_line()) != stalled[-1].says(phrases.ONLINE):
            assert line.endswith(phrases.ONLINE)
        program = room.own_program()
        before = program.memory()
        for _ in range(said):
            alice.send(TEXT)
            alice.reads(alice.says(TEXT))
        assert program.memory() - before <= 16 * MIB  # Fifty queues would be 45 MiB.
        alice.send("who")
        alice.reads(*[phrases.IS_ONLINE.format(name=one.name) for one in (alice, *stalled)])


def test_who_has_hung_up_keeps_nothing_of_what_the_others_say(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice = await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice)
                await blocks(room, alice, mallory)
                connection.user.send_message(TEXT)
                mallory.vanishes()
                await alice.reads(mallory.line(phrases.OFFLINE))
                await until(lambda: connection not in room.server.connections)
            alice.says("good riddance")
            await alice.reads(alice.line("good riddance"))
            assert keeps_nothing(connection)

    run(story())


def test_who_is_dropped_keeps_nothing_of_what_the_others_say(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_backlog=BACKLOG) as room:
            alice = await room.joins()
            with Staller() as mallory:
                connection = await mallory.joins(room, alice)
                await blocks(room, alice, mallory)
                while room.counts().departures != {"backlog": 1}:
                    alice.says(TEXT)
                    await alice.reads(alice.line(TEXT))
                await alice.reads(mallory.line(phrases.OFFLINE))
                await until(lambda: connection not in room.server.connections)
            alice.says("good riddance")
            await alice.reads(alice.line("good riddance"))
            assert keeps_nothing(connection)

    run(story())


def keeps_nothing(connection: Connection) -> bool:
    """Whether of the log there is nothing that is in memory for this one."""
    outbox = connection.outbox
    return outbox.cursor.block.next is None and outbox.directs is None

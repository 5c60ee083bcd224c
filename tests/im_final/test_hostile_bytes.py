"""Streams that are no chat: floods, dribbles, other protocols. They cost little and harm nobody."""

import asyncio
import contextlib

import pytest

from im_final import phrases
from im_final.strangers import ALERT, BAD_REQUEST
from stages.check.failure import Failure
from stages.check.program import Program, becomes_true
from tests.im_final.children import LINUX, running
from tests.im_final.conftest import Run, need_loop
from tests.im_final.rooms import CHUNK, open_room
from tests.stages.people import Person
from tests.stages.turns import PATIENCE, until

MIB = 2**20
REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 14\r\n\r\nhello\nrename|x\n",
    b"OPTIONS * HTTP/1.0\n\n",
    b"CONNECT example.org:443 HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\nhello\n"


async def all_of(person: Person) -> bytes:
    """Everything until the end of the stream."""
    async with asyncio.timeout(PATIENCE):
        return await person.reader.read()


async def is_unharmed(person: Person, other: Person) -> None:
    """The next that this person reads is that the other left, and then what they say now."""
    await person.reads(other.line(phrases.OFFLINE))
    person.says("anything else?")
    await person.reads(person.line("anything else?"))


# Other protocols.


@pytest.mark.parametrize(
    ("sent", "answer"),
    [*[(request, BAD_REQUEST) for request in REQUESTS], (HELLO, ALERT)],
    ids=["get", "post", "options", "connect", "http2", "tls"],
)
@pytest.mark.parametrize("dribbled", [False, True], ids=["at once", "byte by byte"])
def test_who_speaks_another_protocol_is_told_so_once_and_says_nothing_in_the_room(
    run: Run, sent: bytes, answer: bytes, dribbled: bool
) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, stranger = await room.joins(), await room.joins()
            pieces = [sent[at : at + 1] for at in range(len(sent))] if dribbled else [sent]
            for piece in pieces:
                before = room.counts().bytes_in
                stranger.sends(piece)
                with contextlib.suppress(ConnectionError):
                    await stranger.writer.drain()
                await until(
                    lambda before=before: (
                        room.counts().bytes_in > before or stranger.reader.at_eof()
                    )
                )
            assert await all_of(stranger) == answer
            await is_unharmed(alice, stranger)
            assert room.counts().departures == {"another protocol": 1}

    run(story())


@pytest.mark.parametrize(
    "line", ["GET", "GET lost", "get / HTTP/1.1", "GET / HTTP/1.1 is how it begins", "HTTP/1.1"]
)
def test_who_only_talks_about_it_is_heard(run: Run, line: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice = await room.joins()
            alice.says(line)
            await alice.reads(alice.line(line))
            alice.says("GET / HTTP/1.1")  # It can only be the first line.
            await alice.reads(alice.line("GET / HTTP/1.1"))

    run(story())


@pytest.mark.parametrize("dribbled", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("lines", [1, 5])
def test_the_mark_with_which_windows_begins_is_no_part_of_the_line(
    run: Run, lines: int, *, dribbled: bool
) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            data = "\ufeffwho\r\n".encode() * lines + "\ufeff\r\n\ufeff\n\ufeffhello\n".encode()
            for piece in [data[at : at + 1] for at in range(len(data))] if dribbled else [data]:
                before = room.counts().bytes_in
                bob.sends(piece)
                await until(lambda before=before: room.counts().bytes_in > before)
            for _ in range(lines):
                await bob.reads(*[phrases.IS_ONLINE.format(name=one.name) for one in (alice, bob)])
            await bob.reads(bob.line("hello"))
            await alice.reads(bob.line("hello"))
            assert room.counts().lines_in == lines + 1

    run(story())


def test_plain_lines_with_the_mark_before_each_are_said_without_it(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            bob.sends(("first\n" + 9 * "\ufeffanother\n").encode())
            await alice.reads(bob.line("first"), *[bob.line("another")] * 9)

    run(story())


# Too much, and too little.


def test_a_slow_dribble_is_a_line_when_it_is_complete(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            for byte in "你好呀\r".encode():
                before = room.counts().bytes_in
                bob.sends(bytes([byte]))
                await until(lambda before=before: room.counts().bytes_in == before + 1)
                alice.says("meanwhile")
                for person in (alice, bob):
                    await person.reads(alice.line("meanwhile"))
            bob.sends(b"\n")
            await bob.reads(bob.line("你好呀"))

    run(story())


def test_64_kib_of_newlines_are_nothing(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            bob.sends(b"\n" * CHUNK + b"\r\n" * (CHUNK // 2) + b"now\n")
            for person in (alice, bob):
                await person.reads(bob.line("now"))
            assert room.counts().lines_in == 1

    run(story())


def test_a_line_that_is_too_long_ends_the_visit_and_is_not_passed_on(run: Run) -> None:
    async def story() -> None:
        async with open_room(max_line=64) as room:
            alice, bob, carol = await room.joins(), await room.joins(), await room.joins()
            bob.says("x" * 64)
            for person in (alice, bob, carol):
                await person.reads(bob.line("x" * 64))
            bob.says("before", "x" * 65, "after")
            await bob.reads_the_end(bob.line("before"), phrases.TOO_LONG)
            await alice.reads(bob.line("before"), bob.line(phrases.OFFLINE))
            carol.sends(b"x" * 65)  # That is certain before the newline comes.
            await carol.reads_on_until(phrases.TOO_LONG)
            await is_unharmed(alice, carol)

    run(story())


def test_rubbish_that_begins_like_telnet_keeps_nobody_waiting(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, mallory = await room.joins(), await room.joins()
            for rubbish in (b"\xff\xfa", b"\xff\xfaa", b"\xff\xfa\xff", b"\xff", b"\xff\xfb"):
                mallory.sends(rubbish * (CHUNK // len(rubbish)) + b"\n")
                alice.says("good evening")
                await alice.reads_on_until(alice.line("good evening"))
                if mallory.addr not in room.server.online_map:
                    await mallory.vanishes()
                    mallory = await room.connects()
                    await alice.reads_on_until(mallory.line(phrases.ONLINE))

    run(story())


@LINUX
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_who_asks_for_ever_and_reads_nothing_slows_only_themselves(loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop) as room:
        (alice,) = room.join("alice")
        floods = []
        for piece in (b"\xff\xfd\x06", b"who\n", b"\xff\n", b"to|x|y\n"):
            (mallory,) = room.join("mallory")
            program = room.own_program()
            floods.append(mallory)
            before, sent = program.memory(), 0
            mallory.sock.settimeout(0.2)  # So long it takes nothing more, and then we have seen it.
            with contextlib.suppress(TimeoutError):
                while sent < 64 * MIB:
                    sent += mallory.sock.send(piece * (CHUNK // len(piece)))
                    alice.send("to|x|y")
                    alice.reads(phrases.PRIVATE_NO_TARGET)
            assert sent < 64 * MIB, "it goes on listening to one who reads no answers"
            room.online.remove(mallory)
            assert program.memory() - before <= 8 * MIB
        assert becomes_true(lambda: uses_nothing(program, 0.1), PATIENCE)
        alice.send("who")
        alice.reads(*[phrases.IS_ONLINE.format(name=one.addr) for one in (alice, *floods)])
        for mallory in floods:
            mallory.reset()


def uses_nothing(program: Program, seconds: float) -> bool:
    """Whether it has nothing to do, and does nothing, for so long."""
    with contextlib.suppress(Failure):
        program.is_calm(seconds)
        return True
    return False

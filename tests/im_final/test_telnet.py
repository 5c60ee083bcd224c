"""A telnet client negotiates, and interrupts: it is answered, and what is meant as text is text."""

import pexpect

from im_final import phrases
from tests.im_final.children import PATIENCE, running
from tests.im_final.conftest import Run
from tests.im_final.rooms import open_room
from tests.needs import need
from tests.stages.turns import until

IAC, DONT, DO, WONT, WILL = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb"
SB, SE, AYT = b"\xfa", b"\xf0", b"\xf6"  # A subnegotiation, its end, "are you there".
TIMING_MARK, NAWS = b"\x06", b"\x1f"


def test_every_offer_is_declined_and_none_is_said_in_the_room(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            bob.sends(IAC + DO + TIMING_MARK + b"hel" + IAC + WILL + NAWS + b"lo\r\n")
            assert await bob.reader.readexactly(6) == IAC + WONT + TIMING_MARK + IAC + DONT + NAWS
            for person in (alice, bob):
                await person.reads(bob.line("hello"))

    run(story())


def test_commands_that_need_no_answer_are_taken_out(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            bob = await room.joins()
            bob.sends(b"a" + IAC + AYT + b"b")
            bob.sends(IAC + SB + NAWS + b"\0\x50\0\x18" + IAC + SE + b"c\n")
            bob.sends(IAC + WONT + NAWS + IAC + DONT + NAWS + b"d\n")
            await bob.reads(bob.line("abc"), bob.line("d"))

    run(story())


def test_a_command_may_come_byte_by_byte(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            bob = await room.joins()
            for byte in b"he" + IAC + DO + TIMING_MARK + b"y\n":
                before = room.counts().bytes_in
                bob.sends(bytes([byte]))
                await until(lambda before=before: room.counts().bytes_in == before + 1)
            assert await bob.reader.readexactly(3) == IAC + WONT + TIMING_MARK
            await bob.reads(bob.line("hey"))

    run(story())


def test_what_looks_like_telnet_cannot_hide_the_end_of_a_line(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            bob.sends(IAC + DO + b"\n" + IAC + SB + b"x\nsaid\n")
            await bob.reads(phrases.NOT_UTF8, phrases.NOT_UTF8)
            for person in (alice, bob):
                await person.reads(bob.line("said"))

    run(story())


def test_after_ctrl_c_debians_telnet_goes_on_showing_lines() -> None:
    telnet = need("telnet")
    with running() as room:
        screen = pexpect.spawn(
            telnet, ["127.0.0.1", str(room.address[1])], timeout=PATIENCE, encoding="utf-8"
        )
        try:
            screen.expect_exact(f":{phrases.ONLINE}\r\n")
            (alice,) = room.join("alice")
            screen.expect_exact(f"{alice.says(phrases.ONLINE)}\r\n")
            for word in ("once", "twice"):
                screen.sendcontrol("c")
                screen.sendline(word)  # What alice says now is said after the server's answer.
                assert alice.next_line().endswith(f":{word}")
                alice.send(f"still there {word}?")
                alice.reads(alice.says(f"still there {word}?"))
                screen.expect_exact(f"{alice.says(f'still there {word}?')}\r\n")
        finally:
            screen.close(force=True)

"""What is hostile to other people's terminals is passed on harmless, or refused."""

import re

import pytest

from im_final import phrases
from tests.im_final.children import events, logs, running
from tests.im_final.conftest import Run
from tests.im_final.core.wide import wide
from tests.im_final.rooms import open_room

NEVER_SHOWN = {
    "escape": "\x1b",
    "bell": "\x07",
    "backspace": "\x08",
    "nul": "\x00",
    "carriage return": "\r",
    "vertical tab": "\x0b",
    "form feed": "\x0c",
    "delete": "\x7f",
    "csi of C1": "\x9b",
    "next line of C1": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "right-to-left mark": "\u200f",
    "arabic letter mark": "\u061c",
}
WELCOME = ["a\tb", "你好呀", "👩‍👩‍👧", "é", "שלום", "a|b", "[x]y:z", "  spaced  ", wide("who")]


@pytest.mark.parametrize("char", NEVER_SHOWN.values(), ids=NEVER_SHOWN)
def test_what_a_terminal_would_act_on_is_taken_out(run: Run, char: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins("alice"), await room.joins("bob")
            bob.says(f"be{char}fore", f"to|alice|se{char}cret", f"rename|b{char}b", "after")
            await alice.reads(
                bob.line("before"),
                phrases.PRIVATE.format(sender="bob", text="secret"),
                bob.line("after"),
            )
            await bob.reads(bob.line("before"), phrases.NAME_INVALID, bob.line("after"))

    run(story())


def test_a_line_of_nothing_else_is_not_said(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice = await room.joins()
            alice.says("\x1b\x07", f"to|{alice.addr}|\x1b", "!")
            await alice.reads(phrases.PRIVATE_EMPTY, alice.line("!"))

    run(story())


@pytest.mark.parametrize("text", WELCOME)
def test_everything_else_arrives_as_it_was_typed(run: Run, text: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins(), await room.joins()
            bob.says(text)
            for person in (alice, bob):
                await person.reads(bob.line(text))

    run(story())


@pytest.mark.parametrize(
    "line",
    [
        b"caf\xe9",
        b"\xc3",
        b"\xed\xa0\x80 half a surrogate pair",
        b"\xc0\xaf overlong",
        b"\xf4\x90\x80\x80 beyond Unicode",
        b"who\x80",
        b"to|alice|\xfe",
        b"rename|\xff",
    ],
)
def test_bytes_that_are_not_utf8_are_refused_with_a_line(run: Run, line: bytes) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, bob = await room.joins("alice"), await room.joins()
            bob.sends(line + b"\n")
            await bob.reads(phrases.NOT_UTF8)
            bob.says("sorry")
            for person in (alice, bob):
                await person.reads(bob.line("sorry"))

    run(story())


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x0c", "\x1e", "\r"])
def test_a_line_cannot_be_forged(run: Run, separator: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice, mallory = await room.joins(), await room.joins()
            forged = alice.line("I quit")
            mallory.says(f"x{separator}{forged}")
            for person in (alice, mallory):
                await person.reads(mallory.line(f"x{forged}"))

    run(story())


# Names.


@pytest.mark.parametrize(
    "name",
    [
        *["", " ", "a b", "a\u00a0b", "a\u3000b", "a]b", "[", "x" * 33, "a|b", "｜", "［a］"],
        *["who", "to", "rename", wide("who"), "127.0.0.1:5000", "127.0.0.1：5000", "::1:80"],
        *["a\u200bb", "a\u200db", "\u2066a", "a\u00adb", "\ufeff"],
    ],
)
def test_a_name_that_pretends_to_be_something_else_is_refused(run: Run, name: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            alice = await room.joins()
            alice.says(f"rename|{name}", "who")
            await alice.reads(phrases.NAME_INVALID, phrases.IS_ONLINE.format(name=alice.addr))

    run(story())


@pytest.mark.parametrize("other", ["BOB", "bob", wide("bob"), wide("B") + "ob", "\u24b7ob"])
def test_names_that_a_reader_takes_for_one_are_one(run: Run, other: str) -> None:
    async def story() -> None:
        async with open_room() as room:
            bob, mallory = await room.joins("bob"), await room.joins()
            mallory.says(f"rename|{other}", f"to|{other}|hi")
            await mallory.reads(phrases.NAME_TAKEN)
            await bob.reads(phrases.PRIVATE.format(sender=mallory.addr, text="hi"))

    run(story())


def test_one_may_write_ones_own_name_in_another_way(run: Run) -> None:
    async def story() -> None:
        async with open_room() as room:
            bob = await room.joins("bob")
            await bob.takes_name("Bob")
            bob.says("rename|Bob", "who")
            await bob.reads(phrases.NAME_TAKEN, phrases.IS_ONLINE.format(name="Bob"))
            await bob.takes_name("straße")
            other = await room.joins()
            other.says("rename|STRASSE", "rename|Bob")
            await other.reads(phrases.NAME_TAKEN, phrases.RENAMED.format(old=other.addr, new="Bob"))

    run(story())


# The log.

LINE_OF_LOG = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning|error) [^=]+"
    r"( addr=[0-9.:]+)?( user=\S+)?( reason=[a-z0-9 ]+)?"
)


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_hostile_is_in_the_log_and_nothing_of_what_was_said(form: str) -> None:
    names = ["reason=idle", 'a"b\\', "{x}%s", "名", "'"]
    with running("--log", form) as room:
        for name in names:
            (mallory,) = room.join(name)
            mallory.take_name(name)
            mallory.send_bytes(b"\x1b]0;title\x07 hush\nrename|\x1b[2J\n\xff\n\x9b\xc2\x9b\r\n")
            mallory.send(f"to|{name}|hush\u2028\x1b[2J")
            mallory.half_close()
            mallory.rest()
            room.online.remove(mallory)
        logs(room, "left", len(names))
        program = room.own_program()
        lines = [*program.stdout.lines, *program.stderr.lines]
    assert not [line for line in lines if "hush" in line or "title" in line]
    assert all(line.isprintable() for line in lines)
    if form == "text":
        assert all(LINE_OF_LOG.fullmatch(line) for line in lines), lines
    else:
        assert [event["user"] for event in events(lines) if event["event"] == "left"] == names

"""Bytes to lines: any bytes, in any pieces, are the lines of a model that fits in one line.

And what is put back is heard later, what is hostile to a terminal is gone, what goes out is whole.
"""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from im_final import phrases, wire
from im_final.wire import Lines
from tests.stages.any_input import any_input

LONGEST = 8
PIECES_THAT_MATTER = [b"\n", b"\r\n", b"\n\n", b"\xff", b"\x00", b"x" * 7, b"x" * 8, b"x" * 9]
pieces = st.lists(
    st.one_of(st.sampled_from(PIECES_THAT_MATTER), st.binary(max_size=12)), max_size=12
)


def model(data: bytes) -> list[bytes]:
    """The lines in `data`, before one that is too long. A last unfinished line counts."""
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    return up_to_a_long_one(lines)


def up_to_a_long_one(lines: list[bytes]) -> list[bytes]:
    """What is heard of `lines`: whoever sends one that is too long is not heard any more."""
    short = [len(line) <= LONGEST for line in lines]
    return lines[: short.index(False)] if False in short else lines


def has_long_line(data: bytes) -> bool:
    return any(len(line) > LONGEST for line in data.split(b"\n"))


# From bytes to lines.


@any_input
@given(pieces)
@example([])
@example([b"hel", b"lo\n"])
@example([b"x" * LONGEST, b"\n"])
@example([b"x" * LONGEST, b"\r\n"])
@example([b"ok\n" + b"x" * 9, b"9\nnot this\n"])
def test_any_bytes_in_any_pieces_are_the_lines_of_the_model(pieces: list[bytes]) -> None:
    lines = Lines(LONGEST)
    found = [line for piece in pieces for line in lines.feed(piece)] + lines.end()
    data = b"".join(pieces)
    assert up_to_a_long_one(found) == model(data)
    assert any(len(line) > LONGEST for line in found) == has_long_line(data)


def test_a_line_is_there_as_soon_as_it_ends_and_not_before() -> None:
    lines = Lines(LONGEST)
    assert lines.feed(b"one\ntwo") == [b"one"]
    assert lines.feed(b"!") == []
    assert lines.feed(b"\n\nfour\n") == [b"two!", b"", b"four"]


def test_only_a_newline_ends_a_line() -> None:
    others = b"\r\x0b\x0c\x1c\x85" + "\u2028\u2029".encode()
    assert Lines(100).feed(others + b"\n") == [others]


@any_input
@given(pieces, st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_what_is_put_back_is_heard_later_and_in_its_place(
    pieces: list[bytes], patience: list[int]
) -> None:
    lines = Lines(LONGEST)
    heard: list[bytes] = []
    for piece, most in zip(pieces, patience, strict=False):
        found = lines.feed(piece)
        heard += found[:most]
        if any(len(line) > LONGEST for line in heard):
            break
        lines.put_back(found[most:])
    heard += lines.end()
    assert up_to_a_long_one(heard) == model(b"".join(pieces))


def test_what_is_put_back_comes_without_anything_new() -> None:
    lines = Lines(LONGEST)
    lines.put_back(lines.feed(b"one\n\nthree\nfo"))
    assert lines.feed(b"") == [b"one", b"", b"three"]
    assert lines.feed(b"ur\n") == [b"four"]


def test_what_is_taken_back_comes_again_as_if_it_had_not_come() -> None:
    lines = Lines(LONGEST)
    assert lines.feed(b"one\ntwo") == [b"one"]
    lines.add(b"\nth")
    lines.put_back([b"one"])
    assert lines.take_back() == b"one\ntwo\nth"
    assert lines.end() == []
    assert lines.feed(b"abc") == []
    assert lines.take_back() == b"abc"
    lines.add(b"x\ny")
    assert lines.feed(b"z") == [b"x"]
    assert lines.end() == [b"yz"]


def test_a_byte_of_a_line_costs_a_byte_however_much_there_is_of_it() -> None:
    lines = Lines(2**20)
    lines.feed(b"x" * 2**19)
    kept = lines.rest
    for _ in range(1000):
        lines.feed(b"x")
        assert lines.rest is kept, "all of it was copied for a byte"


def test_an_empty_line_that_is_put_back_is_still_a_line() -> None:
    lines = Lines(LONGEST)
    lines.put_back(lines.feed(b"\n"))
    assert lines.end() == [b""]


def test_putting_nothing_back_changes_nothing() -> None:
    lines = Lines(LONGEST)
    lines.feed(b"hel")
    lines.put_back([])
    assert lines.feed(b"lo\n") == [b"hello"]


def test_the_end_ends_the_last_line_once() -> None:
    lines = Lines(LONGEST)
    lines.feed(b"one\ntwo")
    assert lines.end() == [b"two"]
    assert lines.end() == []


def test_after_a_newline_the_end_is_no_line() -> None:
    lines = Lines(LONGEST)
    lines.feed(b"one\n")
    assert lines.end() == []


def test_the_end_brings_what_was_put_back_and_the_unfinished_line() -> None:
    lines = Lines(LONGEST)
    lines.put_back(lines.feed(b"one\ntwo\nthr"))
    assert lines.end() == [b"one", b"two", b"thr"]


def test_a_last_line_that_is_put_back_at_the_end_is_still_the_last() -> None:
    lines = Lines(LONGEST)
    lines.feed(b"one")
    lines.put_back(lines.end())
    assert lines.end() == [b"one"]


# What is too long.


def test_the_longest_line_is_a_line_in_any_pieces() -> None:
    lines = Lines(LONGEST)
    assert lines.feed(b"x" * LONGEST) == []
    assert lines.feed(b"\n") == [b"x" * LONGEST]


def test_one_byte_more_is_known_without_the_newline() -> None:
    assert Lines(LONGEST).feed(b"x" * (LONGEST + 1)) == [b"x" * (LONGEST + 1)]


@any_input
@given(pieces)
def test_no_more_is_kept_than_one_unfinished_line(pieces: list[bytes]) -> None:
    lines = Lines(LONGEST)
    for piece in pieces:
        lines.feed(piece)
        assert len(lines.rest) <= LONGEST


@any_input
@given(pieces)
def test_what_is_put_back_is_kept_and_not_a_byte_more(pieces: list[bytes]) -> None:
    lines = Lines(LONGEST)
    kept = b""
    for piece in pieces:
        kept += piece
        found = lines.feed(piece)
        if has_long_line(kept):
            return
        lines.put_back(found)
        assert lines.rest == kept


# From a line to text.


def test_the_carriage_return_of_telnet_is_dropped_and_no_other() -> None:
    assert wire.text_of(b"who\r") == "who"
    assert wire.text_of(b"a\rb\r\r") == "a\rb\r"


def test_the_byte_order_mark_of_windows_is_dropped_before_a_line_and_nowhere_else() -> None:
    assert wire.text_of(b"\xef\xbb\xbfwho\r") == "who"
    assert wire.text_of("a\ufeffb".encode()) == "a\ufeffb"


def test_text_is_utf8() -> None:
    assert wire.text_of("你好，é🙂".encode()) == "你好，é🙂"


@pytest.mark.parametrize(
    "line",
    [
        b"\xff",
        b"caf\xe9",
        "好".encode()[:2],
        b"\xc0\xaf",  # An overlong slash.
        b"\xed\xa0\x80",  # Half of a surrogate pair.
        b"\xf4\x90\x80\x80",  # Above U+10FFFF.
    ],
)
def test_what_is_not_utf8_is_not_text(line: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        wire.text_of(line)


# What a terminal would act on.

ALL = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
DIRECTIONS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
MARKS = "\u200e\u200f\u061c"


def is_hostile(char: str) -> bool:
    """Whether it is a control character, a line separator, or turns the direction of writing."""
    return (
        (unicodedata.category(char) in ("Cc", "Zl", "Zp") and char != "\t")
        or unicodedata.bidirectional(char) in DIRECTIONS
        or char in MARKS
    )


def test_of_all_characters_exactly_the_hostile_ones_are_dropped() -> None:
    assert wire.clean("".join(ALL)) == "".join(char for char in ALL if not is_hostile(char))


def test_a_hostile_character_is_dropped_when_it_is_alone_too() -> None:
    for char in filter(is_hostile, ALL):
        assert wire.clean(char) == ""


def test_an_escape_sequence_is_text_without_its_escape() -> None:
    assert wire.clean("\x1b]0;root\x07 hi\x9b2J") == "]0;root hi2J"


@pytest.mark.parametrize(
    "text",
    ["", "a\tb", "你好，世界", "مرحبا", "שלום", "👩\u200d👩\u200d👧", "❤\ufe0f", "a\u00a0b"],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert wire.clean(text) == text


# Many lines at once.


def test_a_line_with_a_hostile_character_in_it_is_never_plain() -> None:
    for char in set(filter(is_hostile, ALL)) - {"\n"}:
        assert not wire.is_plain(f"a{char}b\n".encode(), 100)


def test_what_most_people_type_is_plain() -> None:
    printable = "".join(chr(code) for code in range(0x20, 0x7F)).replace("|", "")
    for text in (printable, "a\tb", "你好，世界", "привет", "🙂", "who else?"):
        assert wire.is_plain(f"{text}\n".encode(), 100)


# From texts to bytes.


def test_every_text_sent_ends_with_one_newline() -> None:
    assert wire.encode("你好", "", "x") == "你好\n\nx\n".encode()
    assert wire.encode() == b""


def test_a_line_about_somebody_begins_with_their_address_and_name() -> None:
    said = phrases.SAID.format(addr="192.0.2.1:5", name="张三", text="hi")
    assert wire.prefix("192.0.2.1:5", "张三") + b"hi" == said.encode()


def test_braces_in_a_name_are_only_braces() -> None:
    assert wire.prefix("192.0.2.1:5", "{text}") == b"[192.0.2.1:5]{text}:"

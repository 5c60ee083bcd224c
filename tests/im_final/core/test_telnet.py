"""Telnet's commands are taken out wherever they are cut; what only looks like one stays."""

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from im_final.telnet import Telnet
from tests.stages.any_input import any_input

IAC, WILL, WONT, DO, DONT = b"\xff", b"\xfb", b"\xfc", b"\xfd", b"\xfe"
BEGIN, END = b"\xff\xfa", b"\xff\xf0"
TIMING_MARK, WINDOW_SIZE, TERMINAL, EXTENDED = b"\x06", b"\x1f", b"\x18", b"\xff"


def understood(*pieces: bytes) -> tuple[bytes, bytes, bytes]:
    """The text in these pieces, the reply, and what is still being waited for."""
    telnet = Telnet()
    fed = [telnet.feed(piece) for piece in pieces]
    return b"".join(text for text, _ in fed), b"".join(reply for _, reply in fed), telnet.rest


# Commands.


def test_an_interrupt_is_answered_so_that_the_client_shows_text_again() -> None:
    """What Debian's telnet sends on Ctrl-C: AO or IP and DM around, and then DO TIMING-MARK."""
    sent = b"\xff\xf4\xff\xf2" + IAC + DO + TIMING_MARK + b"who\r\n"
    assert understood(sent) == (b"who\r\n", IAC + WONT + TIMING_MARK, b"")


@pytest.mark.parametrize(
    ("offer", "reply"), [(DO, WONT), (WILL, DONT), (DONT, None), (WONT, None)], ids=repr
)
@pytest.mark.parametrize("option", [b"\x00", TIMING_MARK, WINDOW_SIZE, EXTENDED], ids=repr)
def test_every_offer_is_declined_and_a_refusal_is_not_answered(
    offer: bytes, reply: bytes | None, option: bytes
) -> None:
    declined = IAC + reply + option if reply else b""
    assert understood(b"a" + IAC + offer + option + b"b\n") == (b"ab\n", declined, b"")


@pytest.mark.parametrize("command", [bytes([byte]) for byte in range(0xF1, 0xFA)], ids=repr)
def test_a_command_of_two_bytes_is_no_text(command: bytes) -> None:
    assert understood(b"a" + IAC + command + b"b\n") == (b"ab\n", b"", b"")


@pytest.mark.parametrize(
    "told",
    [
        b"",
        WINDOW_SIZE + b"\x00\x50\x00\x18",
        WINDOW_SIZE + b"\x00\xff\xff\x00\x18",
        TERMINAL + b"\x00XTERM",
        b"x" * 256,
    ],
)
def test_what_is_told_about_an_option_is_no_text(told: bytes) -> None:
    assert understood(b"a" + BEGIN + told + END + b"b\n") == (b"ab\n", b"", b"")


def test_replies_come_in_the_order_of_the_offers() -> None:
    sent = IAC + DO + b"\x01" + IAC + WILL + b"\x02" + IAC + DO + b"\x03"
    assert understood(sent)[1] == IAC + WONT + b"\x01" + IAC + DONT + b"\x02" + IAC + WONT + b"\x03"


# What only looks like a command.


@pytest.mark.parametrize(
    "text",
    [
        IAC + b"a",
        IAC + IAC,
        IAC + IAC + WILL + b"\x01",
        IAC + b"\n",
        IAC + DO + b"\n",
        IAC + DO + b"\r\n",
        BEGIN + b"abc\n" + END,
        BEGIN + b"abc\r\n",
        BEGIN + IAC + b"\n",
        BEGIN + b"x" * 257 + END,
        END,
    ],
    ids=repr,
)
def test_what_begins_like_a_command_and_is_none_stays_as_it_is(text: bytes) -> None:
    assert understood(text + b"x\n") == (text + b"x\n", b"", b"")


def test_a_command_within_what_is_told_about_an_option_is_a_command() -> None:
    sent = BEGIN + TERMINAL + IAC + DO + TIMING_MARK + END + b"\n"
    assert understood(sent) == (BEGIN + TERMINAL + END + b"\n", IAC + WONT + TIMING_MARK, b"")


def test_there_is_no_such_byte_in_text_so_text_stays_as_it_is() -> None:
    text = "你好，é🙂\r\n\x00".encode()
    assert understood(text) == (text, b"", b"")


# Any bytes, in any pieces.

PIECES_THAT_MATTER = [IAC, WILL, DO, WONT, BEGIN, END, b"\xfa", b"\xf0", b"\n", b"\r", b"a"]
pieces = st.lists(
    st.one_of(
        st.lists(st.sampled_from(PIECES_THAT_MATTER), max_size=6).map(b"".join),
        st.binary(max_size=10),
        st.sampled_from([BEGIN + b"x" * 250, BEGIN + IAC * 500]),
    ),
    max_size=8,
)


@any_input
@given(pieces)
@example([IAC + DO, TIMING_MARK])
@example([IAC + WILL + EXTENDED, DO + b"\x01"])
@example([BEGIN + b"x" * 256 + IAC, b"\xf0"])
@example([BEGIN + b"x" * 256, END])
@example([BEGIN + BEGIN + b"ab" + IAC, b"\xf0"])
def test_a_cut_anywhere_means_the_same(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    assert understood(*pieces) == understood(whole)


def test_so_does_a_cut_after_every_byte() -> None:
    whole = (
        b"a" + IAC + DO + TIMING_MARK + BEGIN + WINDOW_SIZE + IAC + IAC + b"P" + END + IAC + b"b\n"
    )
    assert understood(*[bytes([byte]) for byte in whole]) == understood(whole)


@any_input
@given(pieces)
def test_no_end_of_a_line_is_ever_hidden(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    text, reply, rest = understood(*pieces)
    assert text.count(b"\n") == whole.count(b"\n")
    assert b"\n" not in rest + reply


@any_input
@given(pieces)
def test_where_no_command_begins_nothing_is_lost(pieces: list[bytes]) -> None:
    without = [piece.replace(IAC, b"") for piece in pieces]
    assert understood(*without) == (b"".join(without), b"", b"")


@any_input
@given(pieces)
def test_what_is_kept_for_later_is_short(pieces: list[bytes]) -> None:
    telnet = Telnet()
    for piece in pieces:
        telnet.feed(piece)
        assert len(telnet.rest) <= len(BEGIN) + 2 * 256 + len(IAC)


@pytest.mark.parametrize("rubbish", [BEGIN, IAC + BEGIN, BEGIN + b"x" * 6, IAC, b"\xfa"], ids=repr)
def test_a_mebibyte_of_rubbish_is_read_within_seconds(rubbish: bytes) -> None:
    """It takes a quarter of one; if each beginning looked for its end, it would take twenty."""
    began = process_time()
    Telnet().feed(rubbish * (2**20 // len(rubbish)))
    assert process_time() - began < 5

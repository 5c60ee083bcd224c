"""The same bytes mean the same, wherever they are cut: to the one who sent them, and to the others.

The connections are real, their transports are not, so many thousand streams can be tried.
"""

import asyncio
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import im_final
from benchmarks.turn import HOME, Sink
from im_final.connection import Connection
from im_final.password import Password
from tests.stages.any_input import any_input

LONGEST = 64  # Bytes of a line.
HTTP = b"GET / HTTP/1.1"
REQUEST = HTTP.replace(b"/ ", b"/" + b"x" * (LONGEST - len(HTTP)) + b" ")  # As long as may be,
TOO_LONG = REQUEST.replace(b"/x", b"/xx")  # and longer.
PASSWORD = b"sesame"
BEGIN, END = b"\xff\xfa", b"\xff\xf0"

words = st.sampled_from(
    [
        *[b"\n", b"\r\n", b"\r", b"hello\n", b"who\n", b"rename|bob\n", b"to|bob|hi\n", b"|"],
        *[PASSWORD, PASSWORD + b"\n", b"x" * LONGEST, b"x" * (LONGEST - 1), b"x" * (LONGEST // 2)],
        *[
            HTTP,
            HTTP + b"\r\n",
            REQUEST,
            TOO_LONG,
            TOO_LONG + b"\n",
            b"GET /",
            b" HTTP/1.1",
            b"x" * 300,
        ],
        *[b"\x16", b"\x03", b"\x16\x03\x01", b"\x15\x03\x01"],
        *[b"\xff", b"\xff\xfd\x06", b"\xff\xfb\x01", b"\xff\xf1", BEGIN, END, BEGIN + b"y" * 256],
        *["你好".encode(), "\u202e".encode(), b"\x1b[2J", "\ufeff".encode(), "\ufeff".encode()[:2]],
    ]
)
streams = st.lists(words | st.binary(max_size=8), max_size=10).map(b"".join)
cuts = st.lists(st.integers(0, 400), max_size=10).map(sorted)
many = settings(any_input, max_examples=500)


# They have no place in the text: a client shows nothing of them.
REPLY = re.compile(rb"\xff[\xfc\xfe].", re.DOTALL)


class Kept(Sink):
    """A transport that keeps what it is given, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.told = b""

    def write(self, data: Any) -> None:
        self.told += data

    def can_write_eof(self) -> bool:
        return False

    def is_reading(self) -> bool:
        return True

    def pause_reading(self) -> None:
        """Nothing is fed to one who is held."""

    def close(self) -> None:
        """There is nobody who would have to be told."""


class House:
    """A server that does not listen, a stranger, and alice."""

    def __init__(self, **options: Any) -> None:
        self.server = im_final.Server(port=0, max_line=LONGEST, **options)
        self.server.loop = asyncio.new_event_loop()
        self.turns: list[Any] = []
        self.server.soon = self.turns.append  # type: ignore[method-assign]
        self.server.fanout.soon = self.turns.append
        self.alice, self.stranger = Kept(), Kept()
        for port, transport in ((1, self.alice), (2, self.stranger)):
            self.connection = Connection(self.server, HOME, port)
            self.connection.connection_made(transport)
            self.server.password = Password(PASSWORD) if options.get("password_file") else None
        self.run()

    def run(self) -> None:
        """All turns that are due; a wrong password's second passes at once."""
        while self.turns or self.connection.held:
            if not self.turns:
                self.connection.go_on()
            while self.turns:
                self.turns.pop(0)()

    def hears(self, data: bytes) -> None:
        """Reads that bring this, and a turn."""
        while data:
            buffer = self.connection.get_buffer(-1)
            size = min(len(data), len(buffer))
            buffer[:size] = data[:size]
            self.connection.buffer_updated(size)
            self.run()
            data = data[size:]

    def close(self) -> tuple[bytes, bytes, bytes, dict[str, int]]:
        """Replies to telnet; what else the stranger was told, what alice read, and who left why."""
        self.connection.eof_received()
        self.run()
        self.server.loop.close()
        told, replies = (
            REPLY.sub(b"", self.stranger.told),
            b"".join(REPLY.findall(self.stranger.told)),
        )
        return replies, told, self.alice.told, dict(self.server.counts.departures)


@pytest.mark.parametrize(
    "options",
    [{}, {"exempt": (), "flood_burst": 10**6}, {"password_file": "there is one"}],
    ids=["exempt", "at a pace", "in a closed room"],
)
@given(stream=streams, cut_at=cuts)
@example(stream=REQUEST + b"\n", cut_at=[LONGEST])
@example(stream=TOO_LONG + b"\n", cut_at=[LONGEST + 1])
@example(stream=b"\x16\x03" + b"x" * 300, cut_at=[1])
@many
def test_a_cut_anywhere_means_the_same(
    options: dict[str, Any], stream: bytes, cut_at: list[int]
) -> None:
    whole, pieces = House(**options), House(**options)
    whole.hears(stream)
    for start, stop in zip([0, *cut_at], [*cut_at, len(stream)], strict=True):
        pieces.hears(stream[start:stop])
    (replies, *rest), (other_replies, *other_rest) = pieces.close(), whole.close()
    assert rest == other_rest
    assert other_replies.startswith(
        replies
    )  # After the last line that is heard they do not matter.

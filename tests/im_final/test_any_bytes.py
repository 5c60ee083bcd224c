"""Whatever bytes come, in whatever pieces: the server goes on, and others read valid lines."""

import asyncio
import re
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from im_final import phrases
from im_final.wire import HOSTILE
from tests.im_final.certificates import Certificate
from tests.im_final.conftest import loop_factory
from tests.im_final.rooms import Room, open_room
from tests.stages.any_input import any_input
from tests.stages.turns import PATIENCE

if TYPE_CHECKING:
    from tests.stages.people import Person

HERE = "still here"
ADDR = r"\[127\.0\.0\.1:\d+\]"
NAME = r"[^\s|\[\]]{1,32}"
SAID = re.compile(rf"{ADDR}{NAME}:.+|来自:\[{NAME}\]的消息，内容是:.+")

words = st.sampled_from(
    [
        *[b"who", b"rename|", b"to|", b"to|alice|", b"\n", b"\r\n", b"|", b"[127.0.0.1:1]x:"],
        *[b"\xff", b"\xff\xfd\x06", b"\xff\xfa", b"\xff\xf0", b"\x16\x03\x01", b"\x1b[2J", b"\0"],
        *[b"GET / HTTP/1.1", "你好".encode(), "\u2028".encode(), "\u202e".encode(), b"\xc2\x85"],
        *[b"x" * 4096, b"x" * 70, b" "],
    ]
)
streams = st.lists(words | st.binary(max_size=20), max_size=12).map(b"".join)
cuts = st.lists(st.integers(0, 300), max_size=8).map(sorted)
ends = st.sampled_from(["ends their input", "leaves", "vanishes"])
any_stream = settings(
    any_input,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Open:
    """A room that stays open from one example to the next, with alice in it."""

    def __init__(self, loop: str, **options: Any) -> None:
        self.runner = asyncio.Runner(loop_factory=loop_factory(loop))
        self.opening = open_room(**options)
        self.room: Room = self.does(self.opening.__aenter__())
        self.alice: Person = self.does(self.room.joins("alice"))

    def does(self, story: Coroutine[Any, Any, Any]) -> Any:
        """Let something happen, in time."""
        return self.runner.run(asyncio.wait_for(story, PATIENCE))

    def close(self) -> None:
        """Everybody goes."""
        self.does(self.opening.__aexit__(None, None, None))
        self.runner.close()


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> str:
    """The name of an event loop."""
    name: str = request.param
    return name


@pytest.fixture
def plain(loop: str) -> Iterator[Open]:
    """A room without TLS."""
    opened = Open(loop)
    yield opened
    opened.close()


@pytest.fixture
def over_tls(loop: str, certificate: Certificate) -> Iterator[Open]:
    """A room where all come over TLS."""
    opened = Open(loop, tls=certificate.client(), **certificate.options)
    yield opened
    opened.close()


async def example(opened: Open, stream: bytes, cut_at: list[int], end: str) -> None:
    """A stranger sends the stream, cut there, and goes; alice reads what they said, and goes on."""
    room, alice = opened.room, opened.alice
    stranger = await room.connects()
    room.people.remove(stranger)
    await alice.reads_on_until(stranger.line(phrases.ONLINE))
    for start, stop in zip([0, *cut_at], [*cut_at, len(stream)], strict=True):
        stranger.sends(stream[start:stop])
        await asyncio.sleep(0)
    if end == "vanishes" and not stranger.writer.transport.is_closing():
        await stranger.vanishes()
    else:
        if end == "ends their input" and stranger.writer.can_write_eof():
            stranger.ends_input()
            await stranger.reader.read()
        await stranger.leaves()
    alice.says("to|alice|" + HERE, HERE)
    while (line := await alice.next_line()) != alice.line(HERE):
        assert SAID.fullmatch(line), line
        assert not HOSTILE.search(line), line


@given(stream=streams, cut_at=cuts, end=ends)
@any_stream
def test_any_bytes_in_any_pieces(plain: Open, stream: bytes, cut_at: list[int], end: str) -> None:
    plain.does(example(plain, stream, cut_at, end))


@given(stream=streams, cut_at=cuts, end=ends)
@settings(any_stream, max_examples=50)
def test_any_bytes_in_any_pieces_over_tls(
    over_tls: Open, stream: bytes, cut_at: list[int], end: str
) -> None:
    over_tls.does(example(over_tls, stream, cut_at, end))


@given(stream=st.binary(min_size=1, max_size=400))
@settings(any_stream, max_examples=50)
def test_any_bytes_in_place_of_a_tls_handshake(over_tls: Open, stream: bytes) -> None:
    async def story() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", over_tls.room.server.port)
        writer.write(stream)
        writer.write_eof()
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b""
        assert phrases.ONLINE.encode() not in answer
        writer.close()
        over_tls.alice.says(HERE)
        await over_tls.alice.reads(over_tls.alice.line(HERE))

    over_tls.does(story())

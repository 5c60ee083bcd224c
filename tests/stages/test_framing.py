"""Any bytes, in any pieces: the lines understood are those of a model that fits in one line.

And whatever line a user sends, every answer and every notice that follows is one line too.
"""

import asyncio
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from stages import phrases, stage3, stage8
from tests.stages.any_input import any_input
from tests.stages.guests import Connection, Guest, roster

PIECES_THAT_MATTER = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\x00",
    b"\x1b[2J",
    b"\xff",
    b"\xef\xbb\xbf",
    b"who",
    "好".encode(),
]
LIMIT = stage3.MAX_LINE


def model(data: bytes) -> list[str]:
    """The lines in `data`, up to one that is too long. A last unfinished line counts."""
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    short = [len(line) <= LIMIT for line in lines]
    good = lines[: short.index(False)] if False in short else lines
    return [line.removesuffix(b"\r").decode("utf-8-sig", errors="replace") for line in good]


def has_long_line(data: bytes) -> bool:
    return any(len(line) > LIMIT for line in data.split(b"\n"))


@dataclass(frozen=True)
class Input:
    """Bytes, where they are cut, and how many turns pass between two pieces."""

    data: bytes
    cuts: tuple[int, ...] = ()
    turns: int = 0

    def pieces(self) -> list[bytes]:
        """The bytes, cut."""
        bounds = sorted({0, len(self.data), *[cut % (len(self.data) + 1) for cut in self.cuts]})
        return [self.data[a:b] for a, b in pairwise(bounds)]


near_the_limit = st.integers(LIMIT - 3, LIMIT + 3).map(lambda count: b"x" * count)
runs = st.one_of(st.sampled_from(PIECES_THAT_MATTER), st.binary(max_size=20), near_the_limit)
inputs = st.builds(
    Input,
    st.lists(runs, max_size=12).map(b"".join),
    st.lists(st.integers(0, 4 * LIMIT), max_size=8).map(tuple),
    st.integers(0, 4),
)


async def understood(given_input: Input) -> tuple[list[str], list[str]]:
    """The lines that a user is understood to say, and those that they are told."""
    connection = Connection()
    user = stage3.User(connection.reader, connection.writer)

    async def feed() -> None:
        for piece in given_input.pieces():
            connection.reader.feed_data(piece)
            for _ in range(given_input.turns):
                await asyncio.sleep(0)
        connection.reader.feed_eof()

    feeding = asyncio.create_task(feed())
    lines = []
    async with asyncio.timeout(5):
        while (line := await user.read_line()) is not None:
            lines.append(line)
        await feeding
    user.goodbye()
    return lines, connection.hears()


@any_input
@given(inputs)
@example(Input(b""))
@example(Input(b"hello\n", cuts=(3,), turns=3))
@example(Input("好\n".encode(), cuts=(1, 2), turns=3))
@example(Input(b"\r\n\r\r\n\n"))
@example(Input(b"\xef\xbb\xbfwho\r\n", cuts=(1, 2, 3), turns=3))
@example(Input(b"\xef\xbb\xbf\n\xef\xbb\xbf\xef\xbb\xbfwho\nw\xef\xbb\xbfho\n"))
@example(Input(b"who\r\nrename|bob\r\nno newline at the end\r"))
@example(Input(b"x" * LIMIT + b"\nnext\n"))
@example(Input(b"ok\n" + b"x" * (LIMIT + 1) + b"\nnot this\n"))
@example(Input(b"x" * LIMIT + b"\r\n"))
@example(Input(b"x" * LIMIT, cuts=(LIMIT - 1,), turns=3))
@example(Input(b"x" * 3 * LIMIT, cuts=(LIMIT, LIMIT + 1), turns=3))
def test_any_bytes_in_any_pieces_are_the_lines_of_the_model(given_input: Input) -> None:
    lines, told = asyncio.run(understood(given_input))
    assert lines == model(given_input.data)
    assert told == [phrases.TOO_LONG] * has_long_line(given_input.data)


@any_input
@given(inputs)
def test_the_pieces_do_not_matter(given_input: Input) -> None:
    whole = Input(given_input.data)
    assert asyncio.run(understood(given_input)) == asyncio.run(understood(whole))


def test_an_endless_line_is_not_kept() -> None:
    async def story() -> None:
        connection = Connection()
        user = stage3.User(connection.reader, connection.writer)
        connection.reader.feed_data(b"x" * 100 * LIMIT)
        assert await user.read_line() is None
        assert len(user.unread) <= 2 * LIMIT

    asyncio.run(story())


commands = st.sampled_from(["who", "rename|", "to|", "to|bob|", "to||", "rename|bob", " who", "|"])
texts = st.one_of(st.text(max_size=20), st.just("x" * LIMIT))
said_lines = st.builds("{}{}".format, st.one_of(st.just(""), commands), texts).filter(
    lambda text: text and "\n" not in text
)


@any_input
@given(st.lists(said_lines, min_size=1, max_size=5))
def test_whatever_is_said_everyone_gets_whole_lines(lines: list[str]) -> None:
    async def story() -> None:
        server = stage8.Server()
        guests = [Guest(server) for _ in range(3)]
        for guest in guests:
            guest.enters()
        alice, bob, _ = [guest.user for guest in guests]
        await bob.do_message("rename|bob")
        sent: list[str] = []
        for guest in guests:
            keep_what_is_sent(guest, sent)
        for text in lines:
            await alice.do_message(text)
        assert all("\n" not in text for text in sent)
        assert len(roster(server)) == len(guests)
        for guest in guests:
            guest.user.goodbye()
            assert all(guest.hears()), "no empty line"

    asyncio.run(story())


def keep_what_is_sent(guest: Guest, sent: list[str]) -> None:
    """Add to `sent` every text that the guest's user is sent from now on."""
    send_message = guest.user.send_message

    def send_and_keep(text: str) -> None:
        sent.append(text)
        send_message(text)

    guest.user.send_message = send_and_keep  # type: ignore[method-assign]

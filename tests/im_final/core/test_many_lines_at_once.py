"""Many lines in one read are said in one go, and it makes no difference to anyone but the clock."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from im_final import phrases, wire
from im_final.log import Log
from im_final.outbox import Outbox
from im_final.room import Room
from im_final.user import User
from tests.stages.any_input import any_input

LONGEST = 64
PLAIN = b"one\ntwo\nthree\n"
LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"hello", b"who", b"who is it", b"rename|bob", b"to|bob|hi", b"a|b", b"", b"\t", b"\r"]
        ),
        st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=40).map(str.encode),
        st.binary(max_size=2 * LONGEST).map(lambda line: line.replace(b"\n", b"")),
    ),
    max_size=8,
)


class Ear:
    """Somebody who is online and can be rung."""

    def ring(self) -> None:
        """Nothing to do."""

    def write_first(self) -> None:
        """Nothing to do."""


def room() -> tuple[Log, User]:
    """A room with one user in it."""
    log = Log()
    user = User(Room(log, lambda: None), Outbox(log, Ear()), "192.0.2.1:5")
    user.online()
    return log, user


def all_of(log: Log, user: User) -> bytes:
    """All that this user is to read."""
    log.seal()
    return b"".join(iter(user.outbox.take, b""))


@any_input
@given(LINES, st.binary(max_size=10).map(lambda rest: rest.replace(b"\n", b"")))
@example([b"\xc2\x9b31m"], b"")
@example(["\u202eevil".encode()], b"")
@example([b"who"], b"")
@example(["\ufeffone".encode(), "\ufeff".encode()], b"")
@example([b"x" * LONGEST, b"y" * LONGEST], b"")
def test_what_is_plain_is_said_as_line_by_line(lines: list[bytes], rest: bytes) -> None:
    data = b"".join(line + b"\n" for line in lines) + rest
    plain = wire.Lines(LONGEST).feed_plain(data)
    if not plain:
        return
    log, user = room()
    user.say_lines(plain, plain.count(b"\n"))
    one_by_one, other = room()
    for line in lines:
        assert len(line) <= LONGEST
        other.do_message(wire.text_of(line))
    assert (all_of(log, user), log.lines) == (all_of(one_by_one, other), one_by_one.lines)


def test_plain_lines_are_known_to_be_so() -> None:
    lines = wire.Lines(LONGEST)
    assert lines.feed_plain(PLAIN + b"fo") == PLAIN
    assert lines.feed_plain("ur\n你好\n".encode()) == "four\n你好\n".encode()


@pytest.mark.parametrize(
    "line",
    [
        b"who",
        b"rename|bob",
        b"to|bob|hi",
        b"",
        b"x" * (LONGEST + 1),
        b"\xff",
        b"\x1b[2J",
        "\ufeffone".encode(),
        b"x\r",
        b"\x7f",
        "\u2028".encode(),
        "\u061c".encode(),
        "\x85".encode(),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "among others", "last"])
def test_a_line_that_needs_a_look_is_not_plain_wherever_it_stands(line: bytes, place: int) -> None:
    among = [b"one", b"two", b"three"]
    among.insert(place, line)
    lines = wire.Lines(LONGEST)
    data = b"".join(one + b"\n" for one in among)
    assert lines.feed_plain(data) is None
    assert lines.feed(data) == among  # Nothing of it was taken.


def test_a_beginning_that_is_too_long_for_a_line_is_not_plain() -> None:
    assert wire.Lines(LONGEST).feed_plain(PLAIN + b"x" * (LONGEST + 1)) is None


def test_a_tab_may_be_said() -> None:
    assert wire.is_plain(b"a\tb\n", LONGEST)


def test_what_the_room_says_of_somebody_is_not_changed_by_it() -> None:
    log, user = room()
    user.say_lines(PLAIN, 3)
    said = ["[192.0.2.1:5]192.0.2.1:5:" + text for text in (phrases.ONLINE, "one", "two", "three")]
    assert all_of(log, user) == wire.encode(*said)
    assert log.lines == len(said)

"""What differs, where, and why: a failure that a learner can act on.

A difference is located (the first wrong character) and given one cause, the most telling one that
fits. `explain` is a pure function of what was expected and what came.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from stages import phrases

FULL_WIDTH = dict(zip(",:!|()[]", "，：！｜（）［］", strict=True))
ANOTHER_LINE = "another line came instead"  # Where nothing better can be said.
FAREWELLS = {  # Of a server: whatever was expected, these say why it did not come.
    phrases.KICKED: "the server says that this user was idle for too long",
    phrases.TOO_LONG: "the server says that a line was too long",
}
MAPPED = "::ffff:"  # What an IPv4 address begins with where it is written as one of IPv6.
BRACKETED = re.compile(r"\[([0-9a-f:.]+)\]:")
HALF_WIDTH = {full: half for half, full in FULL_WIDTH.items()}


@dataclass
class Failure(Exception):
    """A check did not hold: `cause` says why, in words.

    `expected` and `got` are lines without their newline, `later` the lines expected after them, and
    `reader` is the label of whoever read them. `at` is the index of the first wrong character of
    `got`, once that is known.
    """

    cause: str
    expected: str | None = None
    got: str | None = None
    reader: str | None = None
    later: tuple[str, ...] = ()
    at: int | None = None

    def __str__(self) -> str:
        rows = [f"{self.reader}: {self.cause}" if self.reader else self.cause]
        rows += [f"  expected  {self.expected}"] if self.expected is not None else []
        rows += [f"  got       {self.got}"] if self.got is not None else []
        return "\n".join(rows)

    def in_a_line(self) -> str:
        """The cause, with what was expected and what came."""
        cause = self.cause
        if self.expected is not None and self.got is not None:
            cause = with_lines(cause, self.expected, self.got)
        return f"{self.reader}: {cause}" if self.reader else cause

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence is enough."""
        return [str(self)]


def differs(reader: str, expected: str, got: str, later: tuple[str, ...] = ()) -> Failure:
    """The failure of `reader`, who read `got` for `expected`; `explain` will find the cause."""
    return Failure("", expected, got, reader, later)


class Skip(Exception):
    """A check cannot be made here; the message says why."""


class TooBusy(Skip):
    """This machine did not keep the pace of a check, whose verdict would be worth nothing."""


def first_difference(expected: str, got: str) -> int:
    """Index of the first character of `got` that is not as in `expected`."""
    pairs = zip(expected, got, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(got)))


def explain(expected: str, got: str, later: Sequence[str] = ()) -> str:
    """One sentence: the first cause that fits, the most telling ones first."""
    at = first_difference(expected, got)
    wanted, came = expected[at : at + 1], got[at : at + 1]
    one_character = f"{describe(came)} where the protocol has {describe(wanted)}"
    look_alike = bool(came) and came in (FULL_WIDTH.get(wanted), HALF_WIDTH.get(wanted))
    causes = (
        (got in later, "one or more lines before this one are missing"),
        (not got, "an empty line"),
        (got in FAREWELLS, FAREWELLS.get(got, "")),
        (got.replace(MAPPED, "") == expected, f"an IPv4 address with `{MAPPED}` before it"),
        (BRACKETED.sub(r"\1:", got) == expected, "an IPv6 address in brackets"),
        (got.rstrip("\r") == expected, "a carriage return before the newline"),
        ("\ufffd" in got and "\ufffd" not in expected, "bytes that are not UTF-8"),
        (got.startswith(expected), "two lines glued: there is no newline between them"),
        (expected.startswith(got), "the line ends too early"),
        (look_alike, one_character),
        (got.split() == expected.split(), "a space too many or too few"),
        (alike(expected, got), one_character),
    )
    return next((cause for fits, cause in causes if fits), ANOTHER_LINE)


def with_lines(cause: str, expected: str, got: str) -> str:
    """A cause, and the lines that differ; these alone if it says no more than that they do."""
    lines = f"expected {expected}, got {got}"
    return cause.replace(ANOTHER_LINE, lines) if ANOTHER_LINE in cause else f"{cause}: {lines}"


def alike(expected: str, got: str) -> bool:
    """Whether `got` is the expected line with a slip in it, not another line."""
    same_end = first_difference(expected[::-1], got[::-1])
    return first_difference(expected, got) + same_end >= len(expected) * 2 // 3


def describe(char: str) -> str:
    """A character and, where two look alike, its name."""
    if not char:
        return "the end of the line"
    if char.isascii() and not char.isprintable():
        return repr(char)
    if char in FULL_WIDTH or char in HALF_WIDTH:
        return f"{char} ({unicodedata.name(char).lower()})"
    return repr(char)


def width(text: str) -> int:
    """Columns that `text` takes in a terminal: two for a full width character, none for a mark."""
    return sum(columns(char) for char in text)


def columns(char: str) -> int:
    """Columns that a character takes."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0  # It stands above or below the character before it.
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1

"""What differs, where, and why: a failure that a learner can act on.

A difference is located (the first wrong character) and given one cause, the most telling one that
fits. `explain` is a pure function of what was expected and what came.
"""

import unicodedata
from dataclasses import dataclass

FULL_WIDTH = dict(zip("，：！｜（）［］", ",:!|()[]", strict=True))


@dataclass
class Failure(Exception):
    """A check did not hold.

    `expected` and `got` are lines without their newline; `at` is the index of the first character
    of `got` that is wrong. All three are None where there is no line to compare.
    """

    cause: str
    expected: str | None = None
    got: str | None = None
    at: int | None = None
    reader: str | None = None


class Skip(Exception):
    """A check cannot be made here; the message says why."""


def differs(reader: str, expected: str, got: str, later: tuple[str, ...] = ()) -> Failure:
    """The failure of `reader`, who should have read `expected` (and `later` after it)."""
    at = first_difference(expected, got)
    return Failure(explain(expected, got, at, later), expected, got, at, reader)


def first_difference(expected: str, got: str) -> int:
    """Index of the first character of `got` that is not as in `expected`."""
    pairs = zip(expected, got, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(got))
    )


def explain(expected: str, got: str, at: int, later: tuple[str, ...]) -> str:
    """One sentence: the most telling cause that fits."""
    wanted, came = expected[at : at + 1], got[at : at + 1]
    if got in later:
        return "this line came too early: one or more lines before it are missing"
    if not got:
        return "an empty line"
    if got.rstrip("\r") == expected:
        return "a carriage return (\\r) before the newline"
    if "\ufffd" in got and "\ufffd" not in expected:
        return "bytes that are not UTF-8"
    if got.startswith(expected):
        return "two lines glued: there is no newline between them"
    if FULL_WIDTH.get(wanted) == came or FULL_WIDTH.get(came) == wanted:
        return f"{describe(came)} where the protocol has {describe(wanted)}"
    if at < len(got) and got[at:].strip() == expected[at:].strip():
        return "a space too many or too few"
    if expected.startswith(got):
        return "the line ends too early"
    if at == 0 or not alike(expected, got):
        return "another line came instead"
    return f"{describe(came)} where the protocol has {describe(wanted)}"


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
    if char in FULL_WIDTH or char in FULL_WIDTH.values():
        return f"{char} ({unicodedata.name(char).lower()})"
    return repr(char)


def width(text: str) -> int:
    """Columns that `text` takes in a terminal: two for a full width character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

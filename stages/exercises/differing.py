"""How what came differs from what was expected: a sentence that names it, then the lines of it."""

import ast
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from unicodedata import normalize

from stages.check.failure import (
    ANOTHER_LINE,
    explain,
    first_difference,
    width,
    with_lines,
)

ONE_CHARACTER = "it should be"
LONG = 100  # Characters; more of a line, or of a value, are not said in a sentence.


def located(expected: str, got: str) -> list[str]:
    """Why two texts that cells have shown differ, and the first lines in which they do."""
    if not got:
        return ["nothing was shown"]
    wanted, came = value_in(expected), value_in(got)
    if isinstance(wanted, tuple) and isinstance(came, tuple) and len(wanted) == len(came):
        both = [(a, b) for a, b in zip(wanted, came, strict=True) if a != b]
        if len(both) == 1 and isinstance(both[0][0], list | str):  # What one person has read.
            (wanted, came), expected, got = both[0], *map(repr, both[0])
    if all(isinstance(leaf, str) for leaf in (*leaves(wanted), *leaves(came))):
        return located_lines(leaves(wanted), leaves(came))
    if isinstance(wanted, dict) and isinstance(came, dict) and wanted.keys() == came.keys():
        key = next(key for key in wanted if wanted[key] != came[key])
        return [f"for {key!r} {instead(repr(wanted[key]), repr(came[key]))}"]
    return [instead(expected, got)]


def located_lines(wanted: Sequence[str], came: Sequence[str]) -> list[str]:
    """Why the lines that people have read are not those which were expected."""
    if wanted == came:
        return ["the right lines, but not all of them where, or by whom, they should be read"]
    more = list((Counter(came) - Counter(wanted)).elements())
    less = list((Counter(wanted) - Counter(came)).elements())
    at = next(at for at, (a, b) in enumerate(zip_longest(wanted, came)) if a != b)
    if not more and not less:
        return [f"the right lines come in another order: first {short(came[at])}"]
    if not less:
        again = " that had come before" if more[0] in wanted else ""
        return [f"{several(more)} too much{again}: {short(more[0])}", *more]
    if not more:
        return [f"{several(less)} missing: {short(less[0])}", *less]
    if at == len(came):
        return [instead(less[0], more[0]), less[0], more[0]]
    return located_line([*wanted, ""][at], came[at].replace("\\r", "\r"), came[:at])


def located_line(wanted: str, came: str, before: Sequence[str]) -> list[str]:
    """Why a line is not the one which was expected; with a mark under the first wrong character."""
    at = first_difference(wanted, came)
    mark = " " * width(came[:at]) + "^"
    if came in before:
        return [f"a line comes again that had come before: {short(came)}"]
    cause = explain(wanted, came).replace("the protocol has", ONE_CHARACTER)
    look_alike = normalize("NFKC", wanted) == normalize("NFKC", came)
    if ONE_CHARACTER in cause and wanted[at + 1 :] != came[at + 1 :] and not look_alike:
        cause = ANOTHER_LINE  # It is not this character alone.
    return [with_lines(cause, short(wanted), short(came)), wanted, came, mark]


def instead(wanted: str, came: str) -> str:
    """Something came where something else should."""
    return with_lines(ANOTHER_LINE, short(wanted), short(came))


def several(lines: Sequence[str]) -> str:
    """How many there are."""
    return "a line is" if len(lines) == 1 else f"{len(lines)} lines are"


def short(text: str) -> str:
    """The beginning of a text, in one line; in quotes if spaces around it count."""
    text = " ".join(text.splitlines())
    return visible(f"{text[:LONG]}…" if len(text) > LONG else text)


def visible(text: str) -> str:
    """A text, in quotes if spaces around it count, or if there is nothing else to see of it."""
    return repr(text) if text != text.strip() or not text else text


def value_in(text: str) -> object:
    """The value that a cell has shown, or the lines of a text that is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text.split("\n")


def leaves(value: object) -> list[str]:
    """What a list or tuple, or one within another, has in it."""
    if isinstance(value, list | tuple):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]  # type: ignore[list-item]

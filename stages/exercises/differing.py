"""How what came differs from what was expected: a sentence that names it, then the lines of it."""

import ast
from collections.abc import Sequence

from stages.check.failure import ANOTHER_LINE, explain, first_difference, instead, width

LONG = 100  # Characters; more of a line, or of a value, are not said in a sentence.


def located(expected: str, got: str) -> list[str]:
    """Why two texts that cells have shown differ, and the first lines in which they do."""
    if not got:
        return ["nothing was shown"]
    wanted, came = value_in(expected), value_in(got)
    if all(isinstance(leaf, str) for leaf in (*leaves(wanted), *leaves(came))):
        return located_lines(leaves(wanted), leaves(came))
    if isinstance(wanted, dict) and isinstance(came, dict) and wanted.keys() == came.keys():
        key = next(key for key in wanted if wanted[key] != came[key])
        return [f"for {key!r} {instead(short(repr(wanted[key])), short(repr(came[key])))}"]
    return [instead(short(expected), short(got))]


def located_lines(wanted: Sequence[str], came: Sequence[str]) -> list[str]:
    """Why the lines that people have read are not those which were expected."""
    pairs = enumerate(zip(wanted, came, strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(wanted), len(came)))
    more, less = came[at:], wanted[at:]
    if not more and not less:
        return ["the right lines, but not all of them where, or by whom, they should be read"]
    if not less:
        return [f"{several(more)} too much: {short(more[0])}", *more]
    if not more:
        return [f"{several(less)} missing: {short(less[0])}", *less]
    if sorted(wanted) == sorted(came):
        return [f"the right lines come in another order: first {short(more[0])}"]
    return located_line(wanted[at], more[0].replace("\\r", "\r"), came[:at])


def located_line(wanted: str, came: str, before: Sequence[str]) -> list[str]:
    """Why a line is not the one which was expected; with a mark under the first wrong character."""
    mark = " " * width(came[: first_difference(wanted, came)]) + "^"
    if came in before:
        return [f"a line comes again that had come before: {short(came)}"]
    cause = explain(wanted, came).replace("the protocol has", "it should be")
    if cause == ANOTHER_LINE:
        return [instead(short(wanted), short(came)), wanted, came, mark]
    return [f"{cause}: {short(came)}", wanted, came, mark]


def several(lines: Sequence[str]) -> str:
    """How many, and that one of them follows."""
    return "a line is" if len(lines) == 1 else f"{len(lines)} lines are"


def short(text: str) -> str:
    """The beginning of a text, in one line."""
    text = " ".join(text.splitlines())
    return f"{text[:LONG]}…" if len(text) > LONG else text


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

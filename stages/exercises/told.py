"""What a learner reads of an answer that does not pass: first what is wrong, then the evidence."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stages.check.failure import explain, first_difference, width
from stages.exercises.progress import Result

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CAUSE = re.compile(r"^ +cause +(.*)$", re.M)  # In a report of the checks.
FAILED = re.compile(r"^  ✗ .*\Z", re.M | re.S)  # From there on it is about what failed.
VERDICT = re.compile(r"^(?:\d+ of \d+ suspects caught|The right server is accused).*\Z", re.M)
TOO_BUSY = "this machine is too busy"  # In a report, where a check could not be made.
LINES = 40  # Of a text that is shown.
LINES_OF_TRACEBACK = 12

Output = Mapping[str, Any]


def not_solved(task: str) -> str:
    """The stub is still there."""
    return f"Not solved yet: {task}\nIts cell still says `raise NotImplementedError(...)`."


def missing(name: str, task: str) -> str:
    """The cell of a task is gone."""
    number = name[:2].lstrip("0")
    return (
        f"The cell for {task} is missing: it is where your answer goes\n"
        f"`python -m stages reset {number}` gives back a fresh exercise, and keeps this file."
    )


def no_end(seconds: float, outputs: Sequence[Output]) -> str:
    """A cell had to be stopped."""
    rows = [f"No end after {seconds:g} s: a loop never ends, or waits for what never comes"]
    return "\n".join([*rows, *traceback(outputs)])


def no_kernel(error: Exception) -> str:
    """No cell could be run."""
    return f"Not graded: the kernel does not start\n{type(error).__name__}: {error}"


def difference(source: str, expected: Sequence[Output], got: Sequence[Output]) -> str:
    """What is wrong with what the cell `source` gave: an error, or another text than expected."""
    error = next((output for output in got if output["output_type"] == "error"), None)
    if error is None:
        return different_texts(source, shown(expected), shown(got))
    if error["ename"] == "Failure":
        first, *rest = str(error["evalue"]).split("\n")
        parts = {"this was run": source, "expected": shown(expected)}
        return labelled(f"Not what is expected: {first}", parts, rest)
    if error["ename"] == "TimeoutError":
        return "\n".join(["Not what is expected: nothing came in time", *traceback(got)])
    last = f"{error['ename']}: {error['evalue']}".partition("\n")[0]
    return "\n".join([f"Your code raised an error: {last}", *traceback(got)])


def different_texts(source: str, expected: str, got: str) -> str:
    """Both texts under their labels, and what is probably wrong."""
    if failed := FAILED.search(got):  # A report of the checks has its own expected and got.
        cause = CAUSE.search(failed[0])
        return "\n".join([f"Not what is expected: {cause[1] if cause else ''}", failed[0]])
    if TOO_BUSY in got:
        return f"Not graded: {TOO_BUSY}, so grade this again when it is not"
    if verdict := VERDICT.search(got):
        return "\n".join([f"Not what is expected: {verdict[0]}", *indented(got)])
    why, *where = located(expected, got)
    parts = {
        "this was run": source,
        "expected": expected,
        "your code printed": got,
        "what is probably wrong": "\n".join([why, *where]),
    }
    return labelled(f"Not what is expected: {why.rstrip(':')}", parts)


def result(text: str) -> Result:
    """How a task went of which this was told."""
    if text.startswith("Not solved yet"):
        return Result("not solved yet", text)
    return Result("not graded" if text.startswith("Not graded") else "not right yet", text)


def labelled(first: str, parts: Mapping[str, str], rest: Iterable[str] = ()) -> str:
    """A sentence, and texts under their labels."""
    rows = [first, *rest]
    for label, text in parts.items():
        rows += [label, *indented(text)]
    return "\n".join(rows)


def located(expected: str, got: str) -> list[str]:
    """Why they differ, and the first lines, or values, in which they do, with a mark."""
    if not got:
        return ["nothing was shown"]
    all_wanted, all_came = lines_in(expected), lines_in(got)
    if sorted(all_wanted) == sorted(all_came):
        return ["the right lines, but not in this order"]
    pairs = enumerate(zip(all_wanted, all_came, strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(all_wanted), len(all_came)))
    if at == len(all_wanted):
        return ["one or more lines too many:", *all_came[at:]]
    if at == len(all_came):
        return ["one or more lines are missing:", *all_wanted[at:]]
    wanted, came = all_wanted[at], all_came[at].replace("\\r", "\r")
    if came in all_came[:at]:
        return ["a line that came before comes again:", came]
    mark = " " * width(came[: first_difference(wanted, came)]) + "^"
    return [explain(wanted, came).replace("the protocol has", "it should be"), wanted, came, mark]


def lines_in(text: str) -> list[str]:
    """The lines that somebody has read, if the text is a value made of such; else its own lines."""
    try:
        return leaves(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text.split("\n")


def leaves(value: object) -> list[str]:
    """What a list or tuple, or one within another, has in it, as text."""
    if isinstance(value, list | tuple):
        return [leaf for one in value for leaf in leaves(one)]
    return [str(value)]


def shown(outputs: Iterable[Output]) -> str:
    """The values that a cell shows, as text; what it prints on the way is its own affair."""
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    return "\n".join(text for text in texts if text)


def traceback(outputs: Iterable[Output]) -> list[str]:
    """The end of a traceback, if there is one."""
    lines = [
        line
        for output in outputs
        for entry in output.get("traceback", ())
        for line in COLOUR.sub("", entry).rstrip().split("\n")
    ]
    return [f"    {line}" for line in lines[-LINES_OF_TRACEBACK:]]


def indented(text: str) -> list[str]:
    """The first lines of a text, moved to the right."""
    lines = text.split("\n")
    more = [f"    … and {len(lines) - LINES} lines more"] if len(lines) > LINES else []
    return [*(f"    {line}" for line in lines[:LINES]), *more]

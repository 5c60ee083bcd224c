"""What a learner reads of an answer that does not pass: first what is wrong, then the evidence.

The first line stands alone in `progress` and in a teacher's table, so it has both: what an answer
should do, which is the promise of the cell that has shown otherwise, and what was found instead.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stages.check.failure import with_lines
from stages.exercises.calling import reset
from stages.exercises.differing import located
from stages.exercises.progress import Result

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"^  ✗ (.*)\n(?:.*\n)*? +cause +(.*)$", re.M)  # In a report of the checks.
LINE = re.compile(r"^ +(expected|got) +(.*)$", re.M)  # In such a report, or in a Failure.
ACCUSED = re.compile(r"^the right server +accused: (.*)$", re.M)  # In a table of suspects.
NOT_CAUGHT = re.compile(r"^(suspect \d+) +not caught: (.*)$", re.M)
CAUGHT = re.compile(r"^(\d+ of \d+ suspects) caught", re.M)
NAME = re.compile(r"NameError: name '(\w+)' is not defined")
TOO_BUSY = "this machine is too busy"  # In a report, where a check could not be made.
LINES = 40  # Of a text that is shown.
LINES_OF_TRACEBACK = 12

Output = Mapping[str, Any]


def not_solved(task: str) -> str:
    """The stub is still there."""
    return f"Not solved yet: {task}\nIts cell still says `raise NotImplementedError(...)`."


def missing(name: str, task: str) -> str:
    """The cell of a task is gone."""
    return (
        f"The cell for {task} is missing: it is where your answer goes\n"
        f"`{reset(name)}` gives back a fresh exercise, and keeps this file."
    )


def no_end(seconds: float, outputs: Sequence[Output]) -> str:
    """A cell had to be stopped."""
    rows = [f"No end after {seconds:g} s: a loop never ends, or waits for what never comes"]
    return "\n".join([*rows, *traceback(outputs)])


def no_kernel(error: Exception) -> str:
    """No cell could be run."""
    return f"Not graded: the kernel does not start\n{type(error).__name__}: {error}"


def not_right(promise: str, found: str) -> str:
    """The first line: what should be, and what was found instead."""
    return f"Not right yet: {promise}; but {found}"


def difference(source: str, promise: str, expected: Sequence[Output], got: Sequence[Output]) -> str:
    """What is wrong with what the cell `source` gave: an error, or another text than expected.

    `promise` says what it shows when all is right, or is "".
    """
    error = next((output for output in got if output["output_type"] == "error"), None)
    if error is None:
        return different_texts(source, promise, shown(expected), shown(got))
    last, *rows = f"{error['ename']}: {error['evalue']}".split("\n")
    if not promise:
        return "\n".join([f"Your code raised an error: {last}", *traceback(got)])
    if error["ename"] == "Failure":
        first = not_right(promise, named(last.removeprefix("Failure: "), rows))
        return labelled(first, {"this was run": source, "expected": shown(expected)}, rows)
    late = error["ename"] == "TimeoutError"
    found = "nothing came in time" if late else f"your code raised an error: {last}"
    return "\n".join([not_right(promise, found), *traceback(got)])


def different_texts(source: str, promise: str, expected: str, got: str) -> str:
    """Both texts under their labels, and what is probably wrong."""
    if failed := FAILED.search(got):  # A report of the checks has its own expected and got.
        title, cause = failed.groups()
        report = got[failed.start() :]
        return "\n".join([not_right(title, named(cause, report.split("\n"))), report])
    if TOO_BUSY in got:
        return f"Not graded: {TOO_BUSY}, so grade this again when it is not"
    if table := found_by_a_check(got):
        return "\n".join([table, *indented(got)])
    why, *where = located(expected, got)
    parts = {
        "this was run": source,
        "expected": expected,
        "your code printed": got,
        "what is probably wrong": "\n".join([why, *where]),
    }
    return labelled(not_right(promise, why), parts)


def found_by_a_check(got: str) -> str:
    """What a learner's own check got wrong, or "" if the text is no table of suspects."""
    if accused := ACCUSED.search(got):
        return not_right("no check may accuse the right server", f"yours does: {accused[1]}")
    if missed := NOT_CAUGHT.search(got):
        caught = CAUGHT.search(got)
        count = caught[1] if caught else "not all"
        return not_right(f"{count} are caught", f"not {missed[1]}: {missed[2]}")
    return ""


def named(cause: str, rows: Iterable[str]) -> str:
    """The cause, with the lines that differ, if these rows have both."""
    lines = dict(LINE.findall("\n".join(rows)))
    both = {"expected", "got"} <= lines.keys()
    return with_lines(cause, lines["expected"], lines["got"]) if both else cause


def with_lost_changes(text: str, changed: Iterable[str]) -> str:
    """The same, and what is likely if a name is not known that stands in a changed given cell."""
    first, newline, rest = text.partition("\n")
    unknown = NAME.search(text)
    if not unknown or not any(re.search(rf"\b{unknown[1]}\b", cell) for cell in changed):
        return text
    return (
        f"{first}; it stands in a cell that is not yours, where changes do not count\n"
        f"Move what you wrote there into your answer, or into a cell that you add.{newline}{rest}"
    )


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

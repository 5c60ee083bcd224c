"""What a learner reads of an answer that does not pass: first what is wrong, then the evidence.

The first line stands alone in `progress` and in a teacher's table, so it has both: what an answer
should do, which is the promise of the cell that has shown otherwise, and what was found instead.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stages.check.failure import with_lines
from stages.exercises.calling import reset
from stages.exercises.differing import located, visible
from stages.exercises.notebook import Step, Unreadable, source
from stages.exercises.progress import Result

if TYPE_CHECKING:
    from stages.exercises.kernels import Ran

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED = re.compile(r"^  ✗ (.*)\n(?:.*\n)*? +cause +(.*)$", re.M)  # In a report of the checks.
LINE = re.compile(r"^ +(expected|got) +(.*)$", re.M)  # In such a report, or in a Failure.
ACCUSED = re.compile(r"^the right server +accused: (.*)$", re.M)  # In a table of suspects.
NOT_CAUGHT = re.compile(r"^(suspect \d+) +not caught: (.*)$", re.M)
CAUGHT = re.compile(r"^(\d+ of \d+ suspects) caught", re.M)
NAME = re.compile(r"NameError: name '(\w+)' is not defined")
STRANGER = "127.0.0.1:?"  # What a transcript has for an address that nobody in it has.
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


def not_graded(error: Exception) -> str:
    """The notebook cannot be read, or something of ours failed."""
    if isinstance(error, Unreadable):
        return f"Not graded: {error}"
    return f"Not graded: {in_a_line(type(error).__name__, str(error))}"


def of(step: Step, ran: "Ran", seconds: float) -> str:
    """What running an answer or a given cell has shown to be wrong, or ""."""
    if ran.ended == "late":
        first = f"No end after {seconds:g} s: a loop never ends, or waits for what never comes"
        return "\n".join([first, *traceback(ran.error)])
    if ran.ended == "died":
        first = f"Your code ended the program that runs the cells: {ran.why}"
        return labelled(first, {"this was run": source(step.cell)})
    if ran.error is not None:
        return error(source(step.cell), step.promise, ran.error, step.shows)
    if step.whose == "given" and ran.value != step.shows:
        return different_texts(source(step.cell), step.promise, step.shows, ran.value)
    return ""


def not_right(promise: str, found: str) -> str:
    """The first line: what should be, and what was found instead."""
    stranger = f" (`{STRANGER}` is the address of nobody here)" if STRANGER in found else ""
    return f"Not right yet: {promise}; but {found}{stranger}"


def error(source: str, promise: str, error: Output, expected: str) -> str:
    """What is wrong if the cell `source` raised an error.

    `promise` says what it shows when all is right, or is "".
    """
    last, *rows = in_a_line(error["ename"], error["evalue"]).split("\n")
    if not promise:
        return "\n".join([f"Your code raised an error: {last}", *traceback(error)])
    if error["ename"] == "Failure":
        first = not_right(promise, named(last.removeprefix("Failure: "), rows))
        return labelled(first, {"this was run": source, "expected": expected}, rows)
    late = error["ename"] == "TimeoutError"
    found = "nothing came in time" if late else f"your code raised an error: {last}"
    return "\n".join([not_right(promise, found), *traceback(error)])


def in_a_line(name: str, text: str) -> str:
    """An error by its name, and its text if it has one."""
    return f"{name}: {text.lstrip()}" if text.strip() else name


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
    lines = {label: visible(line) for label, line in LINE.findall("\n".join(rows))}
    if {"expected", "got"} <= lines.keys():
        return with_lines(cause, lines["expected"], lines["got"])
    return f"{cause}: {lines['got']}" if "got" in lines else cause


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


def traceback(error: Output | None) -> list[str]:
    """The end of a traceback, if there is one."""
    entries = error.get("traceback", ()) if error else ()
    lines = [line for one in entries for line in COLOUR.sub("", one).rstrip().split("\n")]
    return [f"    {line}" for line in lines[-LINES_OF_TRACEBACK:]]


def indented(text: str) -> list[str]:
    """The first lines of a text, moved to the right."""
    lines = text.split("\n")
    more = [f"    … and {len(lines) - LINES} lines more"] if len(lines) > LINES else []
    return [*(f"    {line}" for line in lines[:LINES]), *more]

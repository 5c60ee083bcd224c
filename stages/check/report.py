"""What is printed: for people while it runs, or JSON at the end."""

import json
from collections.abc import Sequence
from typing import Any

from stages.check.failure import width
from stages.check.suite import Check, Result

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}
COLOURS = {"passed": "32", "failed": "31", "skipped": "33"}
INDENT = " " * 6
STAGES = {
    1: "basic server",
    2: "online notice",
    3: "broadcast",
    4: "the user's own rules",
    5: "who",
    6: "rename",
    7: "idle timeout",
    8: "private chat",
}


def heading(stage: int) -> str:
    """The line above the checks of a stage."""
    return f"stage {stage}: {STAGES[stage]}"


def line(result: Result, *, colour: bool) -> str:
    """One check and what became of it."""
    mark = MARKS[result.status]
    if colour:
        mark = f"\033[{COLOURS[result.status]}m{mark}\033[0m"
    text = f"  {mark} {result.check.title}"
    return f"{text} (skipped: {result.reason})" if result.reason else text


def explanation(result: Result) -> str:
    """Why a check failed, if it did: the transcript, the difference, the cause, a hint."""
    failure = result.failure
    if failure is None:
        return ""
    rows = [*[f"{INDENT}{event}" for event in result.transcript], ""]
    if failure.expected is not None:
        rows.append(field("expected", failure.expected))
    if failure.got is not None:
        rows.append(field("got", failure.got))
        if failure.at is not None and failure.expected is not None:
            rows.append(field("", " " * width(failure.got[: failure.at]) + "^"))
    who = f"{failure.reader}: " if failure.reader else ""
    rows.append(field("cause", who + failure.cause))
    if result.stderr:
        rows.append(field("stderr", result.stderr))
    rows.append(field("hint", result.check.hint))
    return "\n".join(rows)


def field(name: str, text: str) -> str:
    """A row of the explanation."""
    return f"{INDENT}{name:<10}{text}".rstrip()


def listing(checks: Sequence[Check]) -> str:
    """All checks with their names, for `--list`."""
    rows = []
    stage = 0
    for check in checks:
        if check.stage != stage:
            stage = check.stage
            rows.append(heading(stage))
        hazards = f" [{', '.join(check.hazards)}]" if check.hazards else ""
        rows.append(f"  {check.name:<32} {check.title}{hazards}")
    return "\n".join(rows)


def summary(results: Sequence[Result], planned: int, stage: int) -> str:
    """The last line."""
    failed = [result for result in results if result.status == "failed"]
    skipped = sum(result.status == "skipped" for result in results)
    note = f" ({skipped} skipped)" if skipped else ""
    if not failed:
        return f"{planned - skipped} of {planned} checks for stage {stage} hold{note}."
    left = planned - len(results)
    rest = f", {left} not run" if left else ""
    names = ", ".join(result.check.name for result in failed)
    return (
        f"{len(failed)} of {planned} checks for stage {stage} failed{rest}{note}: {names}\n"
        f"To run one again: --only {failed[0].check.name}"
    )


def as_json(results: Sequence[Result], planned: int, stage: int) -> str:
    """Everything, for programs."""
    return json.dumps(
        {
            "stage": stage,
            "planned": planned,
            "passed": all(result.status != "failed" for result in results),
            "results": [result_as_dict(result) for result in results],
        },
        ensure_ascii=False,
        indent=2,
    )


def result_as_dict(result: Result) -> dict[str, Any]:
    """One result, of plain types."""
    entry: dict[str, Any] = {
        "stage": result.check.stage,
        "check": result.check.name,
        "title": result.check.title,
        "hazards": list(result.check.hazards),
        "status": result.status,
        "seconds": round(result.seconds, 3),
    }
    if result.reason:
        entry["reason"] = result.reason
    if result.failure:
        entry["transcript"] = result.transcript
        entry["reader"] = result.failure.reader
        entry["expected"] = result.failure.expected
        entry["got"] = result.failure.got
        entry["at"] = result.failure.at
        entry["cause"] = result.failure.cause
        entry["stderr"] = result.stderr
        entry["hint"] = result.check.hint
    return entry

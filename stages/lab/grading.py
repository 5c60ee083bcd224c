"""The checks of `stages.check` for a server class in a notebook, with a report that reads well.

They are the checks of the command line, over real sockets, in the same words. Those that need a
process of the server's own (its signals, its files, its memory) are left to the command line.
"""

import html
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

from stages.check import catalogue, report
from stages.check.failure import Failure
from stages.check.program import PATIENCE, CannotStart
from stages.check.room import Kind
from stages.check.room import Room as CheckRoom
from stages.check.suite import Check, Result, run, select
from stages.check.target import LONG_IDLE, SHORT_IDLE, WHO, still_online
from stages.lab.background import describe
from stages.lab.room import Room, Server

IDLE_STAGE = 7  # From here on a server takes `idle_timeout`.
COLOURS = {"passed": "#0a7d4b", "failed": "#b3261e", "skipped": "#8a94a0"}


def check(stage: int, server_class: Callable[..., Server], *only: str, since: int = 1) -> "Report":
    """Hold `server_class` to what stages 1 to `stage` promise; stops at the first failure.

    Names after it (`check(5, Server, "who-alone")`) run these checks alone; `since=5` leaves out
    those of the stages before. Raises CannotStart when the class cannot be used at all, and
    ValueError for a name that there is not.
    """
    checks = [one for one in select(catalogue.CHECKS, stage, only) if one.stage >= since]
    results: list[Result] = []
    for waits, some in groupby(checks, lambda one: one.server in SHORT_IDLE):
        run_some = run_together if waits else run_in_turn
        results += run_some(list(some), server_class, stage)
        if results[-1].failure:
            break
    return Report(stage, checks, results)


def run_in_turn(
    checks: Sequence[Check], server_class: Callable[..., Server], stage: int, name: str = "checks"
) -> list[Result]:
    """Run checks one after another up to the first failure, as the command line does."""
    results = []
    target = InNotebook(server_class, stage, name)
    try:
        for result in run(checks, target, stage):
            if result.failure:
                result.stderr = target.last_trouble()
            results.append(result)
    finally:
        target.close()
    return results


def run_together(
    checks: Sequence[Check], server_class: Callable[..., Server], stage: int
) -> list[Result]:
    """Run checks that wait for an idle limit, all at once, each with a server of its own.

    What does not hold so is run once more by itself, since the others may have been in its way.
    """

    def by_itself(check: Check) -> Result:
        (result,) = run_in_turn([check], server_class, stage, check.name)
        return result

    with ThreadPoolExecutor(len(checks)) as pool:
        tried = list(pool.map(by_itself, checks))
    results: list[Result] = []
    for check, result in zip(checks, tried, strict=True):
        results.append(by_itself(check) if result.failure or result.too_busy else result)
        if results[-1].failure:
            break
    return results


class InNotebook:
    """A server class as a target of the checks: each kind of server is a room of its own."""

    def __init__(self, server_class: Callable[..., Server], stage: int, name: str) -> None:
        self.server_class = server_class
        self.stage = stage
        self.name = name
        self.rooms: dict[Kind, Room] = {}
        self.visitors: set[str] = set()
        self.trouble = ""

    def open(self, kind: Kind, stage: int) -> CheckRoom:
        """A room with nobody in it, opened anew if need be. Raises CannotStart."""
        idle = SHORT_IDLE.get(kind, LONG_IDLE)
        if kind in self.rooms and stage >= WHO:
            server = self.rooms[kind].server
            if still_online((server.host, server.port), PATIENCE, self.visitors):
                self._close(kind)
        if kind not in self.rooms:
            options: dict[str, Any] = {"idle_timeout": idle} if self.stage >= IDLE_STAGE else {}
            try:
                self.rooms[kind] = Room(self.server_class, name=f"{self.name}, {kind}", **options)
            except Exception as error:  # Whatever is wrong with the class.
                raise CannotStart(f"the server does not start: {describe(error)}") from error
        room = self.rooms[kind]
        address = (room.server.host, room.server.port)
        patience = PATIENCE + (idle if kind in SHORT_IDLE else 0)
        return CheckRoom(
            address, stage, idle, patience, at_once=room.at_once, visitors=self.visitors
        )

    def close_room(self, room: CheckRoom, *, reusable: bool) -> None:
        """Use a server again only if the check left no trace in it."""
        for kind, opened in list(self.rooms.items()):
            if opened.server.port == room.address[1] and (kind == "fresh" or not reusable):
                self._close(kind)

    def close(self) -> None:
        """Close all rooms."""
        for kind in list(self.rooms):
            self._close(kind)

    def last_trouble(self) -> str:
        """What went wrong last in a server, in a line."""
        for kind in list(self.rooms):
            self._close(kind)
        return self.trouble

    def _close(self, kind: Kind) -> None:
        room = self.rooms.pop(kind)
        try:
            room.close()
        except TimeoutError as error:
            self.trouble = str(error)
        self.trouble = self.trouble or room.untold_trouble()


class Report:
    """What became of the checks, as the command line tells it: text, and HTML in a notebook."""

    def __init__(self, stage: int, checks: Sequence[Check], results: Sequence[Result]) -> None:
        self.stage = stage
        self.checks = checks
        self.results = results

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(result.status != "failed" for result in self.results)

    @property
    def failure(self) -> Failure | None:
        """The first difference, if there is one."""
        return next((result.failure for result in self.results if result.failure), None)

    def __repr__(self) -> str:
        rows = []
        before = 0
        for result in self.results:
            if result.check.stage != before:
                before = result.check.stage
                rows.append(report.heading(before))
            rows.append(report.line(result, colour=False))
            if result.failure:
                rows.append(report.explanation(result))
        return "\n".join([*rows, self.summary()])

    def summary(self) -> str:
        """How many hold."""
        held = sum(result.status == "passed" for result in self.results)
        left_out = sum(result.status == "skipped" for result in self.results)
        if self.passed:
            more = f"; {left_out} more need the command line" if left_out else ""
            return f"{held} checks for stage {self.stage} hold{more}."
        text = report.summary(self.results, len(self.checks), self.stage)
        return text.partition("\n")[0]

    def _repr_html_(self) -> str:
        """The same words; what holds is folded up, what fails is open."""
        parts = []
        for stage in dict.fromkeys(result.check.stage for result in self.results):
            results = [result for result in self.results if result.check.stage == stage]
            rows = "".join(row(result) for result in results)
            is_open = " open" if any(result.failure for result in results) else ""
            head = html.escape(f"{report.heading(stage)} ({tally(results)})")
            parts.append(f"<details{is_open}><summary>{head}</summary>{rows}</details>")
        colour = COLOURS["passed" if self.passed else "failed"]
        verdict = f"<p style='color:{colour}'><b>{html.escape(self.summary())}</b></p>"
        return "".join([*parts, verdict])


def tally(results: Sequence[Result]) -> str:
    """How many of these checks hold, and how many could not be made here."""
    left_out = sum(result.status == "skipped" for result in results)
    held = sum(result.status == "passed" for result in results)
    text = f"{held} of {len(results) - left_out} hold"
    return f"{text}; {left_out} more need the command line" if left_out else text


def row(result: Result) -> str:
    """One check in HTML, with its explanation if it failed."""
    line = html.escape(report.line(result, colour=False).strip())
    text = f"<div style='color:{COLOURS[result.status]}'>{line}</div>"
    if result.failure:
        text += f"<pre>{html.escape(report.explanation(result))}</pre>"
    return text

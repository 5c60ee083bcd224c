"""The list of checks, and how they are run one after another.

A check is a function of a `Room`; its decorator says which promise it tells, its docstring is the
hint that a learner gets when it fails.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from inspect import getdoc
from typing import Literal

from stages.check.failure import Failure, Skip, TooBusy
from stages.check.room import Kind, Room
from stages.check.target import Target

LAST_STAGE = 8
MORE_TRIES = 2  # Of a check that this machine was too busy for.
CRASH = 0.3  # Seconds in which a crash that cut a connection shows as the end of the process.

Story = Callable[[Room], None]
Status = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Check:
    """One promise of a stage. It holds for servers of the stages `stage` to `until`.

    `server` is what it needs: the one that all share, a fresh one, or one with a short idle limit
    (1 s), or with one that is long enough to be measured ("slow idle": 3 s).
    """

    name: str
    stage: int
    until: int
    title: str
    hint: str
    hazards: tuple[str, ...]
    server: Kind
    story: Story


@dataclass
class Checks:
    """The checks that belong to one stage, in the order in which they are run."""

    stage: int
    checks: list[Check] = field(default_factory=list)

    def add(
        self,
        title: str,
        *hazards: str,
        until: int = LAST_STAGE,
        server: Kind = "shared",
    ) -> Callable[[Story], Story]:
        """Decorate a story to make it a check; `hazards` are the ids of what it guards against."""

        def register(story: Story) -> Story:
            name = story.__name__.replace("_", "-")
            hint = " ".join((getdoc(story) or "").split())
            check = Check(name, self.stage, until, title, hint, hazards, server, story)
            self.checks.append(check)
            return story

        return register


@dataclass
class Result:
    """What became of a check. `reason` says why it was skipped.

    `stderr` is the last line that the server wrote there during a check that failed.
    """

    check: Check
    status: Status
    seconds: float
    transcript: list[str]
    failure: Failure | None = None
    reason: str = ""
    stderr: str = ""
    too_busy: bool = False


def select(checks: Iterable[Check], stage: int, only: Sequence[str] = ()) -> list[Check]:
    """The checks for a server that has reached `stage`; those named in `only`, if any are.

    Raises ValueError for a name that is not among them.
    """
    fitting = [check for check in checks if check.stage <= stage <= check.until]
    unknown = set(only) - {check.name for check in fitting}
    if unknown:
        raise ValueError(f"no check of stages 1 to {stage} is called {sorted(unknown)[0]!r}")
    return [check for check in fitting if not only or check.name in only]


def run(
    checks: Sequence[Check], target: Target, stage: int, *, keep_going: bool = False
) -> Iterator[Result]:
    """Run `checks` in order and yield each result; stop after the first failure unless told not to.

    What this machine was too busy for is tried again.
    Raises CannotStart when the target does not run at all.
    """
    for check in checks:
        result = run_one(check, target, stage)
        for _ in range(MORE_TRIES):
            if result.too_busy:
                result = run_one(check, target, stage)
        yield result
        if result.status == "failed" and not keep_going:
            return


def run_one(check: Check, target: Target, stage: int) -> Result:
    """Tell one story to the server, in a room of its own."""
    room = target.open(check.server, stage)
    began = time.monotonic()
    status: Status = "passed"
    failure, reason, stderr, too_busy = None, "", "", False
    stderr_before = room.program.stderr.count if room.program else 0
    try:
        check.story(room)
    except Skip as skip:
        status, reason, too_busy = "skipped", str(skip), isinstance(skip, TooBusy)
    except Failure as difference:
        status, failure = "failed", blame_a_crash(difference, room)
        room.transcript.present(failure)
        if room.program and room.program.stderr.count > stderr_before:
            stderr = room.program.stderr.last()
    finally:
        clean = room.close()
        target.close_room(room, reusable=clean and failure is None)
    seconds = time.monotonic() - began
    told = room.transcript.lines()
    return Result(check, status, seconds, told, failure, reason, stderr, too_busy)


def blame_a_crash(failure: Failure, room: Room) -> Failure:
    """If the process is dead, that is the cause, whatever was expected."""
    program = room.program
    if program and not program.asked_to_end and program.wait_end(CRASH) is not None:
        failure.cause = f"the server's process ended {program.how_it_ended()}"
    return failure

"""`catch`: how many wrong servers a learner's check finds, and whether it accuses the right one."""

import html
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from stages.check.failure import Failure
from stages.exercises.differing import visible
from stages.exercises.suspects import SUSPECTS
from stages.lab.background import describe
from stages.lab.room import Room, Server

Check = Callable[[Room], object]


@dataclass(frozen=True)
class Verdict:
    """What a check said of one server: `reason` in a line, or None if it found nothing wrong."""

    server: str
    mistake: str
    reason: str | None

    @property
    def is_right(self) -> bool:
        """Whether the check was right."""
        return bool(self.mistake) == (self.reason is not None)

    def __str__(self) -> str:
        if not self.mistake:
            return "passes" if self.reason is None else f"accused: {self.reason}"
        if self.reason is None:
            return f"not caught: it {self.mistake}"
        return f"caught: {self.reason}"


def catch(stage: int, check: Check) -> "Catch":
    """Run `check` on the right server of a stage, on its suspects, and on the right one again.

    The last shows a check that accuses by what it remembers. A check is a function of an open room,
    and raises something when the server is wrong. Raises ValueError for a stage without suspects.
    """
    if stage not in SUSPECTS:
        stages = ", ".join(map(str, SUSPECTS))
        raise ValueError(f"there are no suspects for stage {stage}; there are some for {stages}")
    right = import_module(f"stages.stage{stage}").Server
    verdicts = [Verdict("the right server", "", complaint(right, check))]
    for number, suspect in enumerate(SUSPECTS[stage] if verdicts[0].is_right else (), 1):
        reason = complaint(suspect.server(stage), check)
        verdicts.append(Verdict(f"suspect {number}", suspect.mistake, reason))
    if verdicts[0].is_right and (reason := complaint(right, check)) is not None:
        verdicts[0] = Verdict("the right server", "", f"{reason} (when it is tried again)")
    return Catch(verdicts)


def complaint(server_class: Callable[..., Server], check: Check) -> str | None:
    """What a check has to say against a server, in a line; None if nothing."""
    room = Room(server_class, name="catch")
    try:
        check(room)
    except NotImplementedError:  # The check is not written yet.
        raise
    except Failure as failure:
        for part in ("expected", "got"):
            if (line := getattr(failure, part)) is not None:
                setattr(failure, part, visible(line))
        return failure.in_a_line()
    except Exception as error:  # Whatever a check complains with.
        return describe(error).partition("\n")[0]
    finally:
        with suppress(TimeoutError):
            room.close()
    return None


class Catch:
    """The verdicts: all is well in a sentence, or as a table, which HTML always is."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.verdicts = verdicts

    @property
    def passed(self) -> bool:
        """Whether the check was right about every server."""
        return all(verdict.is_right for verdict in self.verdicts)

    def __repr__(self) -> str:
        if self.passed:
            return self.summary()
        return "\n".join(
            [*(f"{one.server:<18} {one}" for one in self.verdicts), "", self.summary()]
        )

    def summary(self) -> str:
        """How many were caught, in a sentence."""
        right, *suspects = self.verdicts
        if not right.is_right:
            return "The right server is accused: no check may do that."
        caught = sum(one.is_right for one in suspects)
        return f"{caught} of {len(suspects)} suspects caught, and the right server passes."

    def _repr_html_(self) -> str:
        """The table."""
        rows = "".join(
            f"<tr><td>{'✓' if one.is_right else '✗'}</td><td>{one.server}</td>"
            f"<td style='text-align:left'>{html.escape(str(one))}</td></tr>"
            for one in self.verdicts
        )
        return f"<table>{rows}</table><p><b>{html.escape(self.summary())}</b></p>"

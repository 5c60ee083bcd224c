"""The checker: it finds the promises that a history breaks. No I/O.

Each promise is a function that takes the records of a round and yields a sentence for each
violation. `Costs` says beforehand which losses the fault allows; every other loss is a violation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tools.soak import lines, replies, standing
from tools.soak.history import Record


@dataclass(frozen=True)
class Violation:
    """A promise that was not kept."""

    promise: str
    text: str


@dataclass
class Costs:
    """The losses that the fault of a round allows. By default nothing is lost and nobody leaves.

    `buried` has the labels of people whose node is taken for dead: they leave and come in again,
    and another user may take their name meanwhile. `cut` has those of people whose connection
    ends. If `forgets`, Redis loses data: private lines on their way are lost, and told as lost.
    `idle` is the server's idle limit in seconds. If the round `has_no_end`, something never came
    back, and so not everyone has read everything.
    """

    buried: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    forgets: bool = False
    idle: float = float("inf")
    has_no_end: bool = False


Look = Callable[[Sequence[Record], Costs], Iterator[str]]

LINES: dict[str, Look] = {  # About the lines that everyone reads.
    "a line is read once": lines.once,
    "a line that anyone has read reaches everyone who stays": lines.delivered,
    "all read one order": lines.one_order,
    "a sender's lines keep their order": lines.senders_order,
    "nobody is told that lines are lost": lines.losses,
}
ALL: dict[str, Look] = {
    **LINES,
    "every line has a meaning": lines.noise,
    "a private line is read once, or told as lost": replies.secrets,
    "a private line is for its target alone": replies.confidential,
    "private lines keep their place": replies.places,
    "a command is answered once, before the next line": replies.answers,
    "a name is one user's": standing.names,
    "who agrees with join and leave lines": standing.roster,
    "an active user is never idle": standing.idle,
    "a connection does not end without a reason": standing.cut,
    "nobody who stays is said to leave": standing.buried,
    "notices are told where they are due": standing.notices,
}


def violations(
    records: Sequence[Record], costs: Costs | None = None, looks: dict[str, Look] | None = None
) -> list[Violation]:
    """All violations in a history; `looks` are the promises to check, if not all."""
    known = costs or Costs()
    return [
        Violation(promise, text)
        for promise, look in (looks or ALL).items()
        for text in look(records, known)
    ]

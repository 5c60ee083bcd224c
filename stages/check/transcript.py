"""Who did and read what, in order, as a learner reads it.

Ports differ from run to run, so an address is shown by its owner's label: `127.0.0.1:alice`; that
of a stranger, who has no part in the story, as `127.0.0.1:?`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from stages.check.failure import Failure, explain, first_difference

LONGEST = 88  # Characters of a line that are shown...
FIRST, LAST = 8, 12  # ...and events of a long story.

EMOJI = "[\u2600-\u27bf\U0001f000-\U0001faff]"
EMOJI_GLUE = re.compile(  # A joiner between two emoji, or the tags of a flag (Unicode, UTS 51).
    f"(?<={EMOJI})\u200d(?={EMOJI})|(?<=\ufe0f)\u200d(?={EMOJI})"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{1,8}\U000e007f"
)

Kind = Literal["sends", "reads", "does", "note"]
SIGNS: dict[Kind, str] = {"sends": " → ", "reads": " ← ", "does": " ", "note": ""}


@dataclass(frozen=True)
class Event:
    """One thing that happened. `actor` is who sent, read or did it; a note has none."""

    kind: Kind
    actor: str
    text: str

    def __str__(self) -> str:
        return f"{self.actor}{SIGNS[self.kind]}{self.text}"


@dataclass
class Transcript:
    """The events of one story. `owners` maps `ip:port` to a label."""

    events: list[Event] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    muted: bool = False

    def note(self, text: str) -> None:
        """Something happened, in a sentence."""
        self._add("note", "", text)

    def does(self, label: str, text: str) -> None:
        """`label` did something, in words that follow the label."""
        self._add("does", label, text)

    def sends(self, label: str, text: str) -> None:
        """`label` sent `text`."""
        self._add("sends", label, text)

    def reads(self, label: str, text: str) -> None:
        """`label` read the line `text`."""
        self._add("reads", label, text)

    def _add(self, kind: Kind, actor: str, text: str) -> None:
        if not self.muted:
            self.events.append(Event(kind, actor, text))

    @contextmanager
    def summary(self, text: str) -> Iterator[None]:
        """Tell a long passage in one sentence instead of its thousand lines."""
        self.note(text)
        self.muted = True
        yield
        self.muted = False  # After a failure it stays: the sentence tells it.

    def show(self, text: str) -> str:
        """`text` with owners for ports, and safe to print."""
        return printable(self.with_owners(text))

    def with_owners(self, text: str) -> str:
        """`text` with owners for ports."""
        for host in {address.rpartition(":")[0] for address in self.owners}:
            text = re.sub(
                rf"({re.escape(host)}|\[{re.escape(host)}\]):(\d+)",
                lambda match, host=host: (  # type: ignore[misc]
                    f"{match[1]}:{self.owners.get(f'{host}:{match[2]}', '?')}"
                ),
                text,
            )
        return text

    def lines(self) -> list[str]:
        """All events, ready to print; of very many, the first and the last."""
        lines = [shorten(self.show(str(event))) for event in self.events]
        if len(lines) > FIRST + LAST:
            left_out = f"… {len(lines) - FIRST - LAST} more …"
            lines[FIRST:-LAST] = [left_out]
        return lines

    def present(self, failure: Failure) -> None:
        """Locate and explain the difference in terms of what is shown, and make it printable."""
        failure.cause = self.show(failure.cause)
        if failure.expected is not None and failure.got is not None:
            expected, got = self.with_owners(failure.expected), self.with_owners(failure.got)
            later = [self.with_owners(line) for line in failure.later]
            failure.cause = failure.cause or explain(expected, got, later)
            expected, got = printable(expected), printable(got)
            failure.at = first_difference(expected, got)
            if failure.at > LONGEST // 2:  # Show the neighbourhood of the difference only.
                cut = failure.at - LONGEST // 2
                expected, got = "…" + expected[cut:], "…" + got[cut:]
                failure.at -= cut - 1
            failure.expected, failure.got = shorten(expected), shorten(got)
        elif failure.expected is not None:
            failure.expected = shorten(self.show(failure.expected))
        elif failure.got is not None:
            failure.got = shorten(self.show(failure.got))


def shorten(text: str) -> str:
    """`text`, or its beginning and its length."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 8]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """`text` with what must not reach the terminal in the way Python writes it.

    An emoji of several code points stays whole, with the invisible ones that hold it together.
    """
    parts, end = [], 0
    for glue in EMOJI_GLUE.finditer(text):
        parts += [escaped(text[end : glue.start()]), glue[0]]
        end = glue.end()
    return "".join([*parts, escaped(text[end:])])


def escaped(text: str) -> str:
    """`text` with every character that is not printable as an escape sequence."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )

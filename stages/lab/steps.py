"""The steps of a story: its events, joined where several people read the same, and who was online.

A line that several people read one after another, as they read a broadcast, is one step. Who is
online is what a reader of the lines would say: everyone about whom a join line was read, until a
line says that they left, or they go, or their stream ends.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from stages import phrases
from stages.check.client import END
from stages.check.failure import width
from stages.check.transcript import SIGNS, Event, Kind, Transcript, shorten

NEWS = re.compile(  # A name has no spaces; the first one is the address.
    rf"\[(?P<addr>[^]]+)\](?P<name>\S+):(?P<what>{phrases.ONLINE}|{phrases.OFFLINE})"
)
WAYS_OUT = ("leaves", "vanishes")


@dataclass(frozen=True)
class Step:
    """Something that happened: `actors` sent, read or did `text`; then `online` were there."""

    kind: Kind
    actors: tuple[str, ...]
    text: str
    online: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.actors)}{SIGNS[self.kind]}{self.text}"


def steps_of(story: Transcript) -> list[Step]:
    """All events as steps, with people where ports were."""
    steps: list[Step] = []
    online: tuple[str, ...] = ()
    for event in story.events:
        online = online_after(event, online, story.owners)
        text = story.show(event.text)
        actors: tuple[str, ...] = (event.actor,) if event.actor else ()
        if event.kind == "reads" and steps and is_read_by_another(steps[-1], text, event.actor):
            actors = (*steps.pop().actors, event.actor)
        steps.append(Step(event.kind, actors, text, online))
    return [replace(step, text=shorten(step.text)) for step in steps]


def is_read_by_another(step: Step, text: str, actor: str) -> bool:
    """Whether `step` is others reading this `text`."""
    return step.kind == "reads" and step.text == text and actor not in step.actors


def online_after(event: Event, online: tuple[str, ...], owners: dict[str, str]) -> tuple[str, ...]:
    """Who is online once `event` has happened, if `online` were before; `owners` of addresses."""
    if event.kind == "reads" and (news := NEWS.fullmatch(event.text)):
        who = owners.get(news["addr"], "somebody")
        if news["what"] == phrases.OFFLINE:
            return without(online, who)
        if news["name"] == news["addr"] and who not in online:
            return (*online, who)
    if event.text == END or (event.kind == "does" and event.text.startswith(WAYS_OUT)):
        return without(online, event.actor)
    return online


def without(people: Iterable[str], who: str) -> tuple[str, ...]:
    """All of them but `who`."""
    return tuple(person for person in people if person != who)


def folded(steps: Sequence[Step], most: int) -> list[Step]:
    """At most so many steps: of a longer story the beginning and the end."""
    if len(steps) <= most:
        return list(steps)
    head, tail = most // 2, most - most // 2 - 1
    left_out = len(steps) - head - tail
    middle = Step("note", (), f"… {left_out} more steps …", steps[-tail - 1].online)
    return [*steps[:head], middle, *steps[-tail:]]


def as_text(steps: Sequence[Step]) -> str:
    """A numbered line for each step; at the right who is online, wherever that changes."""
    column = max([width(str(step)) for step in steps], default=0) + 3
    rows = []
    before: tuple[str, ...] = ()
    for number, step in enumerate(steps, 1):
        row = f"{number:3}  {step}"
        if step.online != before:
            gap = " " * (column - width(str(step)))
            row += f"{gap}online: {', '.join(step.online) or 'nobody'}"
            before = step.online
        rows.append(row)
    return "\n".join(rows)

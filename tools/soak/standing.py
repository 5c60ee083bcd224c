"""Promises about a person's standing: name, place on the roster, connection. No I/O."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from im_final import names as names_of_the_server
from tools.soak.history import Record, listings

if TYPE_CHECKING:
    from tools.soak.checker import Costs

ACTIVE = 0.8  # Of the idle limit: a user whose pauses are shorter is active for certain.


def names(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """While a person has a name, nobody else speaks or comes in under it; `who` has it once."""
    key = names_of_the_server.key
    for one in records:
        for event, name in zip(one.events(), one.names(), strict=True):
            is_other = event.kind in ("chat", "online") and event.addr != one.addr
            if name and is_other and key(event.name) == key(name):
                yield f"{one.label} is {name}, and so is {event.addr}, who says {event.text!r}"
                break
            if event.kind == "chat" and event.addr == one.addr and event.name != name:
                yield f"{one.label} is {name or 'outside'}, and says {event.text} as {event.name}"
                break
        for _at, found in listings(one.events()):
            twice = [name for name, times in Counter(map(key, found)).items() if times > 1]
            if twice:
                yield f"{one.label} read that {twice[0]} is online more than once"
                break


def roster(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """From one listing to the next there are as many more as came and did not leave."""
    for one in records:
        sizes = {at: len(found) for at, found in listings(one.events())}
        size: int | None = None
        for at, event in enumerate(one.events()):
            if event.kind == "missed":
                size = None
            elif event.kind in ("online", "offline") and size is not None:
                size += 1 if event.kind == "online" else -1
            elif at in sizes:
                if size is not None and size != sizes[at]:
                    yield f"{one.label} read that {sizes[at]} are online, where {size} should be"
                    break
                size = sizes[at]


def idle(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """A user who sends a line often enough, if only an empty one, is not kicked."""
    for one in records:
        kicked = [
            at for at, event in zip(one.times, one.events(), strict=True) if event.kind == "kicked"
        ]
        for at in kicked[:1]:
            moments = [when for when, _ in one.sent if at - 3 * costs.idle < when < at]
            longest = max((b - a for a, b in pairwise([*moments, at])), default=costs.idle)
            if longest < ACTIVE * costs.idle:
                yield f"{one.label} was kicked, and was never silent for {longest:.2f} s"


def cut(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """A connection ends with its node, or because its user was idle."""
    for one in records:
        if one.is_gone and one.label not in costs.cut and "kicked" not in one.kinds():
            yield f"{one.label} was cut off; the last line is {one.lines[-1:]}"


def buried(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """A person who is there has not left, unless their node was taken for dead."""
    stay = {one.addr: one for one in records if not one.is_gone}
    told = Counter(
        event.addr for one in records for event in one.events() if event.kind == "offline"
    )
    for addr, times in told.items():
        if addr in stay and stay[addr].label not in costs.buried:
            yield f"{stay[addr].label} is there; {times} read that they have left"


def notices(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """Names and private lines are lost only to some faults; AWAY is told once, and then BACK."""
    for one in records:
        kinds = [event.kind for event in one.events()]
        if "name lost" in kinds and one.label not in costs.buried:
            yield f"{one.label} was told that the own name is lost"
        if "secret lost" in kinds and not costs.forgets:
            yield f"{one.label} was told that a private line is lost"
        about = [kind for kind in kinds if kind in ("away", "back")]
        due = ["away", "back"] * (len(about) // 2) + ["away"] * (len(about) % 2)
        is_left_so = about[-1:] == ["away"] and not (one.is_gone or costs.has_no_end)
        if about != due or is_left_so:
            yield f"{one.label} was told of the room: {', '.join(about)}"

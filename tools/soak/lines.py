"""Promises about the lines that everyone reads: once, all of them, in one order. No I/O."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from tools.soak.history import LAST, Event, Record

if TYPE_CHECKING:
    from tools.soak.checker import Costs

END = float("inf")


def place(number: int) -> float:
    """Where a line with this number stands among its sender's."""
    return END if number == LAST else number


def once(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """Nobody reads a line twice."""
    for one in records:
        for text, times in Counter(event.text for event in one.chat()).items():
            if times > 1:
                yield f"{one.label} read {text} {times} times"


def delivered(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """A person who stays to the end has read every line that another read since both were there.

    In a round without an end, only a line before one that both have read is missing. A person who
    was told that lines may be missing breaks another promise (`losses`).
    """
    for one in records:
        if one.is_gone or "missed" in one.kinds():
            continue
        read = {event.text for event in one.chat()}
        for other in records:
            due = list(since_both(one, other))
            while costs.has_no_end and due and due[-1] not in read:
                due.pop()
            missing = [text for text in due if text not in read]
            if missing:
                count = f" and {len(missing) - 1} more" * (len(missing) > 1)
                yield f"{one.label} never read {missing[0]}{count}, which {other.label} read"
                break


def since_both(one: Record, other: Record) -> Iterator[str]:
    """The lines that `other` has read since `one` was there, too."""
    events = other.events()
    came = next((at for at, event in enumerate(events) if is_arrival(one, event)), 0)
    return (event.text for event in events[came:] if event.kind == "chat")


def is_arrival(one: Record, event: Event) -> bool:
    """True if this event is the arrival of that person."""
    return event.kind == "online" and event.addr == one.addr


def one_order(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """Any two people have read the lines that both have read in the same order."""
    orders = [(one, [event.text for event in one.chat()]) for one in records]
    for at, (one, here) in enumerate(orders):
        places = {text: place for place, text in enumerate(here)}
        for other, there in orders[at + 1 :]:
            common = [text for text in there if text in places]
            for before, after in pairwise(common):
                if places[after] < places[before]:
                    yield f"{other.label} read {before} before {after}, {one.label} after it"
                    break


def senders_order(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """Everyone reads a sender's lines in the order of their numbers; the sender reads them all."""
    for one in records:
        numbers: dict[str, float] = {}
        for event in one.chat():
            number, before = place(event.number), numbers.get(event.sender, 0)
            if number < before:
                yield f"{one.label} read {event.text} after {event.sender}#{before:.0f}"
            elif event.sender == one.label and number not in (before, before + 1, END):
                yield f"{one.label} read the own line {event.text} right after #{before:.0f}"
            numbers[event.sender] = number


def losses(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """No fault of the soak may cost a node its place in the log, or a user a line."""
    for one in records:
        for kind, told in (("missed", "lines may be missing"), ("not sent", "a line is not sent")):
            if kind in one.kinds():
                yield f"{one.label} was told that {told}"


def noise(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """Every line that is read has a meaning that a person of the soak can have caused."""
    for one in records:
        for event in one.events():
            if event.kind == "other":
                yield f"{one.label} read {event.text!r}"

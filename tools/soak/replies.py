"""Promises about the lines that one person reads alone: private lines and answers. No I/O."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.soak.history import CHAT, SECRET, Record, listings

if TYPE_CHECKING:
    from tools.soak.checker import Costs


@dataclass(frozen=True)
class Secret:
    """A private line. Its sender said line `number` after it."""

    sender: Record
    target: Record
    number: int
    text: str


def asked(one: Record) -> dict[int, list[str]]:
    """The commands of a person, by the number of the line that they said next."""
    found: dict[int, list[str]] = {}
    waiting: list[str] = []
    for _, text in one.sent:
        if chat := CHAT.fullmatch(text):
            found[int(chat["number"])] = waiting
            waiting = []
        elif text:
            waiting.append(text)
    return found


def answered(one: Record) -> dict[int, Counter[str]]:
    """The answers that a person read, counted by the number of the own line they read next."""
    found: dict[int, Counter[str]] = {}
    counts: Counter[str] = Counter()
    events = one.events()
    ends = {at for at, _ in listings(events)}
    for at, event in enumerate(events):
        if event.kind == "chat" and event.sender == one.label:
            found[event.number] = counts
            counts = Counter()
        elif event.kind in ("renamed", "taken"):
            counts["rename"] += 1
        elif event.kind == "no target" or at in ends:
            counts["to" if event.kind == "no target" else "who"] += 1
    return found


def sent_secrets(records: Sequence[Record]) -> Iterator[Secret]:
    """All private lines that were sent from one person of the round to another."""
    people = {one.label: one for one in records}
    for one in records:
        for number, commands in asked(one).items():
            for command in commands:
                text = command.rpartition("|")[2]
                secret = SECRET.fullmatch(text)
                if secret and secret["target"] in people:
                    yield Secret(one, people[secret["target"]], number, text)


def readers(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The people who read each private line, by its text; a person is named once for each time."""
    found: dict[str, list[Record]] = {}
    for one in records:
        for event in one.events():
            if event.kind == "secret":
                found.setdefault(event.text, []).append(one)
    return found


def secrets(records: Sequence[Record], costs: "Costs") -> Iterator[str]:
    """A private line is read once, or its sender is told why not, or its target that it is lost."""
    read = readers(records)
    unread: dict[str, list[str]] = {}
    answers = {one.label: answered(one) for one in records}
    for secret in sent_secrets(records):
        sender, target = secret.sender, secret.target
        times = read.get(secret.text, []).count(target)
        told = answers[sender.label].get(secret.number)
        if times > 1:
            yield f"{target.label} read {secret.text} {times} times"
        if told is None or sender.kinds() & {"missed", "not sent"}:
            continue  # It was not decided, or the sender knows that it may be lost.
        if told["to"] and times:
            yield f"{sender.label} was told that nobody reads {secret.text}, which was read"
        elif told["to"] and target.label not in costs.buried | costs.cut:
            yield f"{sender.label} was told that {target.label} is not there: {secret.text}"
        elif not told["to"] and not times and not cannot_tell(target, costs):
            unread.setdefault(target.label, []).append(secret.text)
    for one in records:
        lost = unread.get(one.label, [])
        told_lost = sum(event.kind == "secret lost" for event in one.events())
        if told_lost != len(lost) and not one.is_gone:
            which = f": {lost[0]}" if lost else ""
            yield f"{one.label} was told of {told_lost} lost private lines of {len(lost)}{which}"


def cannot_tell(target: Record, costs: "Costs") -> bool:
    """True if an unread line may still come, or is lost with the person's connection."""
    return target.is_gone or costs.has_no_end or "missed" in target.kinds()


def confidential(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """Nobody reads another's private line."""
    for text, people in readers(records).items():
        secret = SECRET.fullmatch(text)
        for one in people:
            if secret is None or secret["target"] != one.label:
                yield f"{one.label} read {text}"


def places(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """The target reads a private line between the lines that its sender said around it.

    That holds where all have come before anyone talks.
    """
    for one in records:
        said: dict[str, int] = {}
        for event in one.events():
            if event.kind == "chat":
                said[event.sender] = event.number
            elif event.kind == "secret" and (secret := SECRET.fullmatch(event.text)):
                last, number = said.get(secret["sender"], 0), int(secret["number"])
                if last >= number:
                    yield f"{one.label} read {event.text} after {secret['sender']}#{last}"
                elif last < number - 1:
                    yield f"{one.label} read {event.text} right after {secret['sender']}#{last}"


def answers(records: Sequence[Record], _: "Costs") -> Iterator[str]:
    """As many answers as commands stand before each own line; a private line needs none."""
    for one in records:
        if "missed" in one.kinds():
            continue
        commands = asked(one)
        for number, counts in answered(one).items():
            due = Counter(command.partition("|")[0] for command in commands.get(number, []))
            for kind in ("rename", "who", "to"):
                if counts[kind] > due[kind] or (kind != "to" and counts[kind] < due[kind]):
                    yield (
                        f"{one.label} read {counts[kind]} answers to {due[kind]} commands "
                        f"{kind!r} before {one.label}#{number}"
                    )

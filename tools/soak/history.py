"""The history of a round: every line that each person sent and read, in order. No I/O.

The checker knows a run by its history alone, so a test can write one by hand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from im_final import phrases

SAID = re.compile(r"\[(?P<addr>[^\]]*)\](?P<name>[\d.]+:\d+|[^:]*):(?P<text>.*)")
CHAT = re.compile(r"(?P<sender>\w+)#(?P<number>\d+)")
SECRET = re.compile(r"(?P<sender>\w+)>(?P<target>\w+)!(?P<number>\d+)")
LAST = 0  # The number of the last line that a person says in a round.


def pattern(phrase: str) -> re.Pattern[str]:
    """The lines that `phrase` makes, with its fields as groups."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(phrase)))


ANSWERS = {
    "listed": pattern(phrases.IS_ONLINE),
    "renamed": pattern(phrases.RENAMED),
    "secret": pattern(phrases.PRIVATE),
    "name lost": pattern(phrases.NAME_LOST),
}
NOTICES = {
    phrases.NAME_TAKEN: "taken",
    phrases.PRIVATE_NO_TARGET: "no target",
    phrases.KICKED: "kicked",
    phrases.CLOSING: "closing",
    phrases.AWAY: "away",
    phrases.BACK: "back",
    phrases.MISSED: "missed",
    phrases.NOT_SENT: "not sent",
    phrases.PRIVATE_LOST: "secret lost",
}
EVENTS = {phrases.ONLINE: "online", phrases.OFFLINE: "offline"}


@dataclass(frozen=True, slots=True)
class Event:
    """The meaning of a line. `kind` is "other" for a line that nobody should read."""

    kind: str
    addr: str = ""
    name: str = ""
    text: str = ""
    sender: str = ""
    number: int = -1


def event(line: str) -> Event:
    """The meaning of a line from the server."""
    if kind := NOTICES.get(line):
        return Event(kind)
    for kind, answer in ANSWERS.items():
        if found := answer.fullmatch(line):
            groups = found.groupdict()
            name = groups.get("name") or groups.get("new") or groups.get("addr") or ""
            return Event(kind, name=name, text=groups.get("text", ""))
    if found := SAID.fullmatch(line):
        addr, name, text = found.groups()
        if chat := CHAT.fullmatch(text):
            return Event("chat", addr, name, text, chat["sender"], int(chat["number"]))
        return Event(EVENTS.get(text, "other"), addr, name, text)
    return Event("other", text=line)


class Record:
    """The history of one person, who is called `label` and is at node `node`."""

    def __init__(self, label: str, node: int = 0) -> None:
        self.label = label
        self.node = node
        self.addr = ""
        self.lines: list[str] = []  # All lines that were read...
        self.times: list[float] = []  # ...and the times, in seconds of a monotonic clock.
        self.sent: list[tuple[float, str]] = []
        self.is_gone = False  # The connection has ended.
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """The meaning of each line."""
        self._events += map(event, self.lines[len(self._events) :])
        return self._events

    def chat(self) -> Iterator[Event]:
        """The numbered lines that people said."""
        return (one for one in self.events() if one.kind == "chat")

    def kinds(self) -> set[str]:
        """The kinds of all events."""
        return {one.kind for one in self.events()}

    def names(self) -> Iterator[str]:
        """This person's name after each event; none while they are not in the room."""
        name = ""
        for one in self.events():
            if one.kind in ("online", "offline") and one.addr == self.addr:
                name = one.name if one.kind == "online" else ""
            elif one.kind in ("renamed", "name lost"):
                name = one.name
            yield name

    def name(self) -> str:
        """This person's name now."""
        return ["", *self.names()][-1]

    def as_json(self) -> dict[str, object]:
        """All of it, for a file."""
        return {
            "label": self.label, "node": self.node, "addr": self.addr, "is_gone": self.is_gone,
            "read": list(zip(self.times, self.lines, strict=True)), "sent": self.sent,
        }  # fmt: skip


def listings(events: list[Event]) -> Iterator[tuple[int, list[str]]]:
    """Each answer to `who`: the place of its last line, and its names."""
    names: list[str] = []
    for at, one in enumerate(events):
        if one.kind == "listed":
            names.append(one.name)
            if at + 1 == len(events) or events[at + 1].kind != "listed":
                yield at, names
                names = []

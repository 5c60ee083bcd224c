"""What the right servers in Python have in common: the protocol, without a socket or a clock.

Nothing here is taken from the stages but the texts. A server hands in who came, what they sent and
that they left; what is to be sent goes to each person's `send`.
"""

import argparse
import ipaddress
import unicodedata
from collections.abc import Callable

from stages import phrases

MAX_LINE = 4096  # Bytes.
BACKLOG = 1 << 20  # Bytes that may wait for one person.
GOODBYE = 2.0  # Seconds in which a person has to take the last bytes.


class TooLong(Exception):
    """A line is longer than MAX_LINE."""


class Lines:
    """Cuts what comes into lines."""

    def __init__(self) -> None:
        self.unread = b""

    def feed(self, data: bytes, *, last: bool = False) -> "list[str | TooLong]":
        """The lines that are complete now; after a TooLong there is nothing more to read."""
        *lines, self.unread = (self.unread + data).split(b"\n")
        if last and self.unread:
            lines.append(self.unread)
        found: list[str | TooLong] = []
        for line in [*lines, *([self.unread] if len(self.unread) > MAX_LINE else [])]:
            if len(line) > MAX_LINE:
                return [*found, TooLong()]
            found.append(line.removesuffix(b"\r").decode(errors="replace"))
        return found


class Person:
    """Somebody connected; `send` takes a text that is to go out with a newline."""

    def __init__(self, addr: str, send: Callable[[str], None]) -> None:
        self.addr = self.name = addr
        self.send = send


class Room:
    """Who is online, in the order they came, and what is said to whom at a given stage."""

    def __init__(self, stage: int) -> None:
        self.stage = stage
        self.online: list[Person] = []

    def tell(self, about: Person, text: str) -> None:
        """Say something about a person to everyone."""
        line = phrases.SAID.format(addr=about.addr, name=about.name, text=text)
        for person in list(self.online):
            person.send(line)

    def join(self, person: Person) -> None:
        """Somebody came."""
        if self.stage >= 2:
            self.online.append(person)
            self.tell(person, phrases.ONLINE)

    def leave(self, person: Person) -> None:
        """Somebody left; twice is no harm."""
        if person in self.online:
            self.online.remove(person)
            if self.stage >= 3:
                self.tell(person, phrases.OFFLINE)

    def act(self, person: Person, text: str) -> None:
        """A line was sent."""
        if self.stage < 3 or not text or person not in self.online:
            return
        command, bar, rest = text.partition("|")
        if self.stage >= 5 and text == "who":
            for other in list(self.online):
                person.send(phrases.IS_ONLINE.format(name=other.name))
        elif self.stage >= 6 and bar and command == "rename":
            self.rename(person, rest)
        elif self.stage >= 8 and bar and command == "to":
            person.send(answer) if (answer := self.whisper(person, rest)) else None
        else:
            self.tell(person, text)

    def rename(self, person: Person, new: str) -> None:
        """`rename|NEW`."""
        if not valid(new):
            person.send(phrases.NAME_INVALID)
        elif self.find(new):
            person.send(phrases.NAME_TAKEN)
        else:
            person.send(phrases.RENAMED.format(old=person.name, new=new))
            person.name = new

    def whisper(self, person: Person, rest: str) -> str | None:
        """`to|NAME|TEXT`; returns what is wrong."""
        name, bar, text = rest.partition("|")
        if not name or not bar:
            return phrases.PRIVATE_FORMAT
        target = self.find(name)
        if target is None:
            return phrases.PRIVATE_NO_TARGET
        if not text:
            return phrases.PRIVATE_EMPTY
        target.send(phrases.PRIVATE.format(sender=person.name, text=text))
        return None

    def find(self, name: str) -> Person | None:
        """Who is called so."""
        return next((person for person in self.online if person.name == name), None)


def valid(name: str) -> bool:
    """Whether somebody may be called so."""
    return (
        0 < len(name) <= 32
        and name not in ("who", "rename", "to")
        and all(unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Zl", "Zp") for c in name)
        and not set(name) & set("|[]")
        and not like_an_address(name)
    )


def like_an_address(name: str) -> bool:
    """Whether a name is shaped like `ip:port`."""
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


def options() -> argparse.Namespace:
    """How each of them is started: `--port N --idle SECONDS --stage N`."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--idle", type=float, default=10.0)
    parser.add_argument("--stage", type=int, default=8)
    return parser.parse_args()

"""What one has to say to a server to be in a room, to talk, and to know that one is heard.

A dialect is bytes and nothing else: the load generator works the same with all of them.
"""

from dataclasses import dataclass
from typing import Protocol

ROOM = b"room"


class Dialect(Protocol):
    """The protocol of a server, as far as a measurement needs it."""

    @property
    def hears_itself(self) -> bool:
        """Whether who says something gets it back on the same connection."""

    @property
    def takes_reads_for_lines(self) -> bool:
        """Whether lines in one segment come back as one."""

    @property
    def has_private_lines(self) -> bool:
        """Whether one can write to one other."""

    @property
    def longest(self) -> int:
        """Bytes of the longest message that is passed on whole."""

    def hello(self, number: int, /) -> bytes:
        """What a new connection sends first."""

    def is_in(self, received: bytes) -> bool:
        """Whether what has come says that the connection is in the room."""

    def say(self, text: bytes) -> bytes:
        """Say `text`, which has no newline in it, to the room."""

    def tell(self, name: bytes, text: bytes) -> bytes:
        """Say it to one other."""

    def rename(self, name: bytes) -> bytes:
        """Be called so in private lines; the answer ends with a newline."""


@dataclass(frozen=True)
class Chat:
    """The wire of this course (`stages`, `im_final`, the tutorial's program)."""

    hears_itself: bool = True
    takes_reads_for_lines: bool = False
    has_private_lines: bool = True
    longest: int = 4096

    def hello(self, _number: int) -> bytes:
        """Nothing: who connects is in."""
        return b""

    def is_in(self, received: bytes) -> bool:
        """The own join line has come."""
        return b"\n" in received

    def say(self, text: bytes) -> bytes:
        """A line."""
        return text + b"\n"

    def tell(self, name: bytes, text: bytes) -> bytes:
        """`to|NAME|TEXT`."""
        return b"to|%s|%s\n" % (name, text)

    def rename(self, name: bytes) -> bytes:
        """`rename|NEW`."""
        return b"rename|%s\n" % name


@dataclass(frozen=True)
class Redis:
    """Publish and subscribe in Redis (RESP3, where one connection may do both)."""

    hears_itself: bool = True
    takes_reads_for_lines: bool = False
    has_private_lines: bool = True
    longest: int = 4096

    def hello(self, _number: int) -> bytes:
        """Speak version 3, subscribe, and have nothing confirmed from then on, as in NATS."""
        return b"HELLO 3\r\nSUBSCRIBE %s\r\nCLIENT REPLY OFF\r\n" % ROOM

    def is_in(self, received: bytes) -> bool:
        """The subscription is confirmed."""
        return b"subscribe" in received

    def say(self, text: bytes) -> bytes:
        """PUBLISH, as an array: an inline command would be slower to parse."""
        return resp(b"PUBLISH", ROOM, text)

    def tell(self, name: bytes, text: bytes) -> bytes:
        """A channel of the other's own."""
        return resp(b"PUBLISH", name, text)

    def rename(self, name: bytes) -> bytes:
        """Subscribe to a channel of one's own."""
        return resp(b"SUBSCRIBE", name)


def resp(*words: bytes) -> bytes:
    """A command of Redis."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


@dataclass(frozen=True)
class Nats:
    """Publish and subscribe in NATS."""

    hears_itself: bool = True
    takes_reads_for_lines: bool = False
    has_private_lines: bool = True
    longest: int = 4096

    def hello(self, _number: int) -> bytes:
        """Subscribe, and ask for a sign that it was done."""
        return b'CONNECT {"verbose":false}\r\nSUB %s 1\r\nPING\r\n' % ROOM

    def is_in(self, received: bytes) -> bool:
        """The sign."""
        return b"PONG" in received

    def say(self, text: bytes) -> bytes:
        """PUB."""
        return b"PUB %s %d\r\n%s\r\n" % (ROOM, len(text), text)

    def tell(self, name: bytes, text: bytes) -> bytes:
        """A subject of the other's own."""
        return b"PUB %s %d\r\n%s\r\n" % (name, len(text), text)

    def rename(self, name: bytes) -> bytes:
        """Subscribe to a subject of one's own."""
        return b"SUB %s 2\r\nPING\r\n" % name


@dataclass(frozen=True)
class Irc:
    """A channel of IRC. Who says something there does not get it back."""

    hears_itself: bool = False
    takes_reads_for_lines: bool = False
    has_private_lines: bool = False
    longest: int = 400  # A line has 512 bytes, with who said it and where (RFC 2812, 2.3).

    def hello(self, number: int) -> bytes:
        """Register, and join."""
        return b"NICK u%d\r\nUSER u 0 * :u\r\nJOIN #%s\r\n" % (number, ROOM)

    def is_in(self, received: bytes) -> bool:
        """The end of the list of names."""
        return b" 366 " in received

    def say(self, text: bytes) -> bytes:
        """PRIVMSG to the channel."""
        return b"PRIVMSG #%s :%s\r\n" % (ROOM, text)

    def tell(self, name: bytes, text: bytes) -> bytes:
        """PRIVMSG to a nick."""
        return b"PRIVMSG %s :%s\r\n" % (name, text)

    def rename(self, name: bytes) -> bytes:
        """NICK."""
        return b"NICK %s\r\n" % name


DIALECTS: dict[str, Dialect] = {
    "chat": Chat(),
    "chat, a read is a line": Chat(takes_reads_for_lines=True),
    "redis": Redis(),
    "nats": Nats(),
    "irc": Irc(),
}

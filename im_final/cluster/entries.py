"""The room's stream: entries of events, chained so that two logs can be compared. No I/O.

An entry has a number, one more than the one before. Its first field says who wrote it (`node.seq`
for a batch) and its chain: a digest of the chain before and of who wrote it, so that it stands for
all entries up to here, as a commit does in git. A node that follows a log checks both: a number
that is left out was trimmed away, a chain that does not follow is another log.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FIELD, ENTRY = 48, 256  # Bytes of CPython's objects: for each field, and for an entry.
CHAIN = 16  # Hexadecimal digits; the log is not attacked through this, only compared.


def chain_after(chain: bytes, tag: bytes) -> bytes:
    """The chain of the entry with this tag, which follows one with that chain."""
    return hashlib.sha1(chain + tag, usedforsecurity=False).hexdigest()[:CHAIN].encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log; `fields` are all of its fields, as Redis has them."""

    number: int
    tag: bytes
    chain: bytes
    fields: Sequence[bytes]

    @classmethod
    def read(cls, identity: bytes, fields: Sequence[bytes]) -> "Entry":
        """An entry from what Redis says. Raises ValueError if it is none of ours."""
        number = int(identity.partition(b"-")[0])
        tag, _, chain = fields[1].partition(b" ")
        if fields[0] != b"by" or not chain:
            raise ValueError(f"entry {number} was not written by a node")
        return cls(number, tag, chain, fields)

    @property
    def node(self) -> bytes:
        """Who wrote it, or whom it is about."""
        return self.tag.partition(b".")[0]

    @property
    def sequence(self) -> int | None:
        """The number of the batch, if it is one of its node's."""
        number = self.tag.partition(b".")[2]
        return int(number) if number.isdigit() else None

    @property
    def events(self) -> Iterator[tuple[bytes, bytes]]:
        """What happened, in order: kind and value."""
        fields = iter(self.fields[2:])
        return zip(fields, fields, strict=True)

    @property
    def size(self) -> int:
        """Bytes, about."""
        return sum(map(len, self.fields))

    @property
    def memory(self) -> int:
        """Bytes that it takes in this process, about: small entries take more than they say."""
        return self.size + FIELD * len(self.fields) + ENTRY

    def tells(self, node: bytes) -> bool:
        """Whether private lines for users of that node belong to this entry."""
        if b"told" not in self.fields:
            return False
        return any(kind == b"told" and value.startswith(node + b".") for kind, value in self.events)

    def follows(self, number: int, chain: bytes) -> bool:
        """Whether this entry is the one after that."""
        return self.number == number + 1 and self.chain == chain_after(chain, self.tag)


@dataclass(frozen=True, slots=True)
class Private:
    """A private line, as it comes to the target's node."""

    uid: bytes
    sender: str
    text: str


def read_private(fields: Sequence[bytes], node: bytes) -> list[Private]:
    """The private lines of one entry for users of `node`, in order.

    Raises ValueError if the entry is none of ours.
    """
    found = []
    for uid, value in zip(fields[::2], fields[1::2], strict=True):
        if not uid.startswith(node + b"."):
            raise ValueError("an entry of private lines was not written by a node")
        sender, _, text = value.decode().partition("\n")
        found.append(Private(uid, sender, text))
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody on the roster, as the nodes tell each other."""

    uid: bytes
    addr: str
    name: str
    key: str  # Of the name, as it was when the name was given.
    holds_name: bool  # False for one whose address another has, too, who came later.


def words_about(users: Sequence[Known]) -> bytes:
    """The users as the script is told of them: five lines each."""
    fields = (
        (one.uid.decode(), one.addr, one.name, one.key, f"{one.holds_name:d}") for one in users
    )
    return "".join(f"{field}\n" for one in fields for field in one).encode()


@dataclass(frozen=True, slots=True)
class State:
    """What all entries up to one of this number have come to."""

    number: int
    chain: bytes
    users: Sequence[Known]
    nodes: dict[bytes, int]  # With the numbers of their last batches.
    origin: bytes  # The chain that the log began with: logs with another are others.

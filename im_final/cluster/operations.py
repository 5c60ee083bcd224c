"""What a user of this node asks for, as it goes to Redis, and what they are told of it. No I/O.

Each operation makes one event of an entry, or is part of one (`Say`). Its outcome is the kind of
that event.
"""

from typing import TYPE_CHECKING

from im_final import names, phrases, wire

if TYPE_CHECKING:
    from im_final.cluster.member import Member

SMALL = 64  # What an operation costs at least: about what it takes, if four bytes cost one.


class Operation:
    """Something that `user` asks for, at a `cost` (see `outgoing.py`).

    `then` has what they are to be told after its outcome, since they did that later.
    """

    renames = False  # Whether the user's name may be another afterwards.
    count = 0  # Lines that it says.

    def __init__(self, user: "Member", cost: int = SMALL) -> None:
        self.user = user
        self.cost = cost
        self.toll = 0  # What its user pays beyond that while much is held.
        self.then: list[bytes] = []

    def words(self, node: bytes) -> list[bytes]:
        """What the script is told, when it is sent by that node."""
        raise NotImplementedError

    def tell(self, outcome: bytes) -> None:
        """Tell the user how it went, now that it has happened; mostly they see for themselves."""


class Say(Operation):
    """Say complete lines."""

    def __init__(self, user: "Member", lines: bytes, count: int, cost: int) -> None:
        super().__init__(user, cost)
        self.lines = bytearray(lines)
        self.count = count

    def words(self, node: bytes) -> list[bytes]:  # noqa: ARG002 - who says it is in the lines
        """The lines as everyone reads them; or only the lines, if the name may yet change."""
        if self.user.unsure:
            return [b"as", self.user.uid, bytes(self.lines)]
        return [b"say", wire.prefixed(self.user.prefix, bytes(self.lines))]


class Join(Operation):
    """Come in, under a name: one's address, or a name that one had before."""

    def __init__(self, user: "Member", name: str) -> None:
        super().__init__(user)
        self.name = name
        self.renames = name != user.addr

    def words(self, node: bytes) -> list[bytes]:
        """Address and name. The user is somebody of that node from here on."""
        self.user.uid = b"%s.%d" % (node, self.user.room.number())
        return [b"join", self.user.uid, *named(self.user.addr), *named(self.name)]

    def tell(self, outcome: bytes) -> None:  # noqa: ARG002 - there is one only
        """If the name was gone, say so."""
        if self.user.name != self.name:
            self.user.send_message(phrases.NAME_LOST.format(addr=self.user.addr))


class Leave(Operation):
    """Leave."""

    def words(self, node: bytes) -> list[bytes]:  # noqa: ARG002 - the uid has it
        """Who."""
        return [b"leave", self.user.uid]


class Rename(Operation):
    """Take a valid name."""

    renames = True

    def __init__(self, user: "Member", new: str) -> None:
        super().__init__(user)
        self.new = new

    def words(self, node: bytes) -> list[bytes]:  # noqa: ARG002 - the uid has it
        """Who, and which."""
        return [b"rename", self.user.uid, *named(self.new)]

    def tell(self, outcome: bytes) -> None:
        """Done, or taken."""
        if outcome == b"taken":
            self.user.reply(phrases.NAME_TAKEN)


class Who(Operation):
    """Ask who is online."""

    def words(self, node: bytes) -> list[bytes]:  # noqa: ARG002 - it changes nothing
        """Nothing but that: the answer is here, as soon as all that was before has been read."""
        return [b"who"]

    def tell(self, outcome: bytes) -> None:  # noqa: ARG002 - there is one only
        """The roster, as of now."""
        self.user.outbox.answer(self.user.room.roster.listing())


class Tell(Operation):
    """Pass a text to whoever has a name; if there is none, only ask whether somebody has."""

    def __init__(self, user: "Member", name: str, text: str) -> None:
        super().__init__(user, SMALL + len(name) + len(text))
        self.name = name
        self.text = text

    def words(self, node: bytes) -> list[bytes]:  # noqa: ARG002 - the uid has it
        """From whom, to whom, what."""
        return [b"tell", self.user.uid, names.key(self.name).encode(), self.text.encode()]

    def tell(self, outcome: bytes) -> None:
        """What was wrong, if anything was."""
        if outcome == b"nobody":
            self.user.reply(phrases.PRIVATE_NO_TARGET)
        elif outcome == b"somebody":
            self.user.reply(phrases.PRIVATE_EMPTY)


UNSENT = (Say, Tell)  # What a user would miss.


def named(name: str) -> tuple[bytes, bytes]:
    """A name, and what it has in common with those that are too alike."""
    return name.encode(), names.key(name).encode()


def line_about(addr: str, name: str, text: str) -> bytes:
    """A line that everyone reads."""
    return wire.encode(phrases.SAID.format(addr=addr, name=name, text=text))

"""A user of this node, in a room that is on others, too. No I/O.

A member keeps the rules of `User`. What matters to others is not done but asked for (`Outgoing`),
and happens when it comes back as an entry of the stream (`Replica`), in the place that it has
there. So what a member gets to read is in the same order as on a single node: their own line, then
the answer to the `who` they typed after it. An answer that needs nobody else, such as that a name
is not valid, waits for what the same user has asked for before.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from im_final import names, phrases, wire
from im_final.cluster.operations import Join, Leave, Operation, Rename, Tell, Who
from im_final.cluster.outgoing import Outgoing
from im_final.log import Log
from im_final.room import Room
from im_final.user import User

if TYPE_CHECKING:
    from im_final.outbox import Outbox


class SharedRoom(Room):
    """The room, as far as this node has read of it, and what this node has to say there."""

    def __init__(self, log: Log, wake: Callable[[], None], send: Callable[[], None]) -> None:
        super().__init__(log, wake)
        self.outgoing = Outgoing(send)
        self.people: dict[Member, None] = {}  # Of this node; until their leaving is decided.
        self.notice = ""  # What whoever comes is told first, as that the room is not reached now.
        self.is_closing = False
        self._number = 0

    def number(self) -> int:
        """A number for a newcomer."""
        self._number += 1
        return self._number

    def newcomer(self, outbox: "Outbox", addr: str) -> "Member":
        """A user of this node."""
        return Member(self, outbox, addr)

    def close(self) -> None:
        """From now on whoever leaves does so with all others here, when the link stops.

        Until then the roster is that of all nodes, and is asked for.
        """
        self.is_closing = True

    def broadcast(self, user: User, text: str) -> None:
        """Ask for `text` to be said to everyone online, as `user`."""
        if isinstance(user, Member):
            self.outgoing.say(user, b"%s\n" % text.encode(), 1)

    def broadcast_lines(self, user: User, lines: bytes, count: int) -> None:
        """Ask for so many lines, each ended by a newline, to be said as `user`."""
        if isinstance(user, Member):
            self.outgoing.say(user, lines, count)

    def tell_all(self, text: str) -> None:
        """Tell all who are here something that the others are not told."""
        for member in self.people:
            member.send_message(text)


class Member(User):
    """Somebody at this node. `uid` is who they are to the other nodes, once they have been told."""

    __slots__ = ("farewell", "is_sorry", "last", "uid", "unsure")

    room: SharedRoom

    def __init__(self, room: SharedRoom, outbox: "Outbox", addr: str) -> None:
        super().__init__(room, outbox, addr)
        self.uid = b""
        self.last: Operation | None = None  # What they asked for last, until that is decided.
        self.unsure = 0  # Decisions under way that may change the name.
        self.farewell: tuple[str, Callable[[], None]] | None = None
        self.is_sorry = False  # Was told that something will not be heard, since coming in.

    def online(self) -> None:
        """Ask to come in."""
        self.room.people[self] = None
        if self.room.notice:
            self.send_message(self.room.notice)
        self.room.outgoing.ask(Join(self, self.name))

    def offline(self, farewell: str = "", done: Callable[[], None] = lambda: None) -> None:
        """Ask to leave; when that is decided, be told `farewell`, and that was all.

        Who came while the room is not reached and does not wait for it was never there: what would
        be kept of those who come and go has no bound.
        """
        if self.farewell is not None:
            return
        self.farewell = (farewell, done)
        if self.room.notice and not self.uid:
            self.room.outgoing.forget([self])
            self.depart()
        elif not self.room.is_closing:  # Then all leave together.
            self.room.outgoing.ask(Leave(self))

    def depart(self) -> None:
        """It is decided: this user reads no more."""
        self.room.people.pop(self, None)
        self.hurry()

    def hurry(self) -> None:
        """Read no more, whether or not it is decided."""
        farewell, done = self.farewell or ("", lambda: None)
        self.farewell = ("", lambda: None)
        if farewell:
            self.outbox.answer(wire.encode(farewell))
        self.outbox.end()
        done()

    def come_in(self, name: str) -> None:
        """It is decided: this user is in the room, or is again, under that name."""
        self.is_sorry = False
        if self.outbox.last is not None:
            self.outbox.begin()
        self.be_called(name)

    def be_called(self, name: str) -> None:
        """It is decided what this user is called."""
        self.name = name
        self.prefix = wire.prefix(self.addr, name)

    def who(self) -> None:
        """Ask for who is online; what is asked at this moment costs as much as the answer would."""
        self.room.outgoing.ask(Who(self, len(self.room.roster.listing())))

    def take_name(self, new: str) -> None:
        """Ask for a valid name, if all nodes take the same names for one with it."""
        if names.is_assigned(new):
            self.room.outgoing.ask(Rename(self, new))
        else:
            self.answer(phrases.NAME_INVALID)

    def pass_on(self, name: str, text: str) -> None:
        """Ask for a line to be passed to somebody."""
        self.room.outgoing.ask(Tell(self, name, text))

    def answer(self, text: str) -> None:
        """Reply, in its place: after all that this user has asked for before."""
        if self.last is None:
            self.reply(text)
        else:
            self.room.outgoing.answer_after(self.last, wire.encode(text))

    def reply(self, text: str) -> None:
        """Answer now: this is the place."""
        super().answer(text)

    def is_not_heard(self) -> None:
        """Something that this user said will not be heard."""
        if not self.is_sorry:
            self.is_sorry = True
            self.send_message(phrases.NOT_SENT)

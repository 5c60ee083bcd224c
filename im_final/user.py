"""One user and the rules: what each line they type does. No I/O.

The verbs are the tutorial's: `online`, `do_message`, `offline`, `send_message`. Nothing here waits:
a line is acted on at once, whole, before anyone else's, so two users can never meet half way.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from im_final import phrases, wire
from im_final.names import MAX_NAME, is_too_long, valid_name
from im_final.outbox import Outbox

if TYPE_CHECKING:
    from im_final.room import Room


class User:
    """Somebody at `addr`, who writes to the room and is written to through an outbox."""

    __slots__ = ("addr", "name", "outbox", "prefix", "room")

    def __init__(self, room: "Room", outbox: Outbox, addr: str) -> None:
        self.room = room
        self.outbox = outbox
        self.addr = self.name = addr
        self.prefix = wire.prefix(addr, addr)

    def online(self) -> None:
        """Enter the roster, then tell everyone, oneself included."""
        self.outbox.begin()
        self.room.roster.enter(self)
        self.room.broadcast(self, phrases.ONLINE)

    def offline(self, farewell: str = "", done: Callable[[], None] = lambda: None) -> None:
        """Be told `farewell`, leave the roster, tell everyone who is still there; then call `done`.

        Once is enough.
        """
        if farewell:
            self.outbox.answer(wire.encode(farewell))
        self.outbox.end()
        if self.room.roster.leave(self):
            self.room.broadcast(self, phrases.OFFLINE)
        done()

    def hurry(self) -> None:
        """Wait for nothing that has to be decided before one has left; here, nothing has."""

    def do_message(self, text: str) -> None:
        """Act on one line: a command, or something to say."""
        if text == "who":
            self.who()
        elif text.startswith("rename|"):
            self.rename(text.removeprefix("rename|"))
        elif text.startswith("to|"):
            self.tell(text.removeprefix("to|"))
        elif said := wire.clean(text):
            self.room.broadcast(self, said)

    def say_lines(self, lines: bytes, count: int) -> None:
        """Say so many complete lines that need no look at each: plain chat (`wire.is_plain`)."""
        self.room.broadcast_lines(self, lines, count)

    def who(self) -> None:
        """Answer with one line per user online, in the order they joined."""
        self.outbox.answer(self.room.roster.listing())

    def rename(self, new: str) -> None:
        """Take the name `new` if it is valid and free, and say how that went."""
        if valid_name(new):
            self.take_name(new)
        else:
            self.answer(phrases.NAME_INVALID)

    def take_name(self, new: str) -> None:
        """Take a valid name if it is free."""
        old = self.name
        if not self.room.roster.rename(self, new):
            self.answer(phrases.NAME_TAKEN)
        else:
            self.prefix = wire.prefix(self.addr, new)
            self.answer(phrases.RENAMED.format(old=old, new=new))

    def tell(self, name_and_text: str) -> None:
        """Pass TEXT, bars and all, to the user called NAME."""
        name, bar, text = name_and_text.partition("|")
        if not name or not bar:
            self.answer(phrases.PRIVATE_FORMAT)
        elif len(name) > MAX_NAME and is_too_long(name):  # Hardly ever more than a look.
            self.answer(phrases.PRIVATE_NO_TARGET)
        else:
            self.pass_on(name, wire.clean(text))

    def pass_on(self, name: str, text: str) -> None:
        """Pass a text, if there is any, to the user of that name, if there is one."""
        target = self.room.roster.find(name)
        if target is None:
            self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            self.answer(phrases.PRIVATE_EMPTY)
        else:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))

    def send_message(self, text: str) -> None:
        """Send this user a line that comes from somebody else."""
        self.outbox.send(wire.encode(text))

    def answer(self, text: str) -> None:
        """Reply to this user's own line."""
        self.outbox.answer(wire.encode(text))

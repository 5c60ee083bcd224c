"""The room: who is in it, and what is said in it. No I/O."""

from collections.abc import Callable

from im_final import wire
from im_final.log import Log
from im_final.outbox import Outbox
from im_final.roster import Roster
from im_final.user import User


class Room:
    """A roster and a log. `wake` is called whenever the log has grown."""

    def __init__(self, log: Log, wake: Callable[[], None]) -> None:
        self.roster: Roster[User] = Roster()
        self.log = log
        self.wake = wake

    def newcomer(self, outbox: Outbox, addr: str) -> User:
        """Somebody who can come in."""
        return User(self, outbox, addr)

    def close(self) -> None:
        """All leave at once, so nobody is left to be told who did."""
        self.roster.clear()

    def broadcast(self, user: User, text: str) -> None:
        """Say `text`, as `user`, to everyone online."""
        self.log.append(b"%s%s\n" % (user.prefix, text.encode()))
        self.wake()

    def broadcast_lines(self, user: User, lines: bytes, count: int) -> None:
        """Say `count` lines, each ended by a newline, as `user`."""
        self.log.append(wire.prefixed(user.prefix, lines), count)
        self.wake()

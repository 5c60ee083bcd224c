"""What comes in on one connection: what of it is heard, and when.

    bytes ─▶ telnet's commands out ─▶ another protocol? ─▶ lines ─▶ heard, one by one

asyncio calls `buffer_updated`; nothing here waits. A line that must not be heard yet is kept, and
reading stops (`hold`): then the peer's system stops sending, and its user waits. A user waits who

- is too fast (`flood.py`), until what they sent is paid for;
- does not read the answers, until they do;
- says much, until the readers have taken what was said before (`fanout.py`): a reader must not lose
  its place to a loud neighbour;
- tried a wrong password.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from im_final import phrases, strangers, wire
from im_final.flood import COMMAND, Pace, price_of_a_read
from im_final.outbox import Outbox
from im_final.password import ATTEMPTS
from im_final.telnet import IAC, Telnet

if TYPE_CHECKING:
    from im_final.server import Server
    from im_final.user import User

PAUSE = 1.0  # Seconds that a wrong password costs.
WAIT = 0.25  # Seconds that a loud user waits; a reader who takes a SHARE meanwhile can stay.
MANY = 4  # Lines in one read from which on it is cheaper to look at all of them together.
EMPTY = (b"", b"\r", wire.MARK, wire.MARK + b"\r")  # It means only that somebody is there.
RECEIVE = memoryview(bytearray(2**16))  # For all connections: what comes is copied out at once.
PIECES = 8  # Reads that a longest line takes at a limited pace: a turn has little work from each.


def piece(longest: int) -> memoryview:
    """What one read brings at a limited pace, where lines have up to `longest` bytes."""
    return RECEIVE[: max(longest // PIECES, 2**9)]


class Hearing(asyncio.BufferedProtocol):
    """The side of a connection that listens."""

    __slots__ = (
        "active_at", "at_end", "attempts", "due", "held", "is_new", "leaving", "lines", "outbox",
        "pace", "server", "spoke", "telnet", "transport", "user",
    )  # fmt: skip

    outbox: Outbox

    def __init__(self, server: "Server", pace: Pace | None) -> None:
        self.server = server
        self.transport: asyncio.Transport | None = None
        self.user: User | None = None
        self.lines = wire.Lines(server.max_line)
        self.telnet: Telnet | None = None
        self.pace = pace
        self.attempts = 0
        self.spoke = 0  # Position of the log after what they said last.
        self.is_new = True  # Until the first line is complete.
        self.at_end = False  # The peer's input has ended.
        self.held = False  # Lines are here that must not be heard yet; nothing is read meanwhile.
        self.leaving = False
        self.due: asyncio.Handle | None = None  # The call of `go_on`.
        self.active_at = server.clock()

    # What the other side of a connection does.

    def come_in(self) -> None:
        """Become a user."""
        raise NotImplementedError

    def leave(self, reason: str, farewell: str = "") -> None:
        """Be heard no more, and hang up when what is owed is delivered."""
        raise NotImplementedError

    def pump(self) -> None:
        """Write what is owed."""
        raise NotImplementedError

    # Bytes.

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - only a hint
        """Where to put what comes."""
        return self.server.piece if self.pace else RECEIVE

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        self.server.counts.bytes_in += nbytes
        if self.leaving:
            return self.read_slowly()
        data = bytes(RECEIVE[:nbytes])
        if self.telnet or IAC in data:
            data = self.without_commands(data)
        if self.pace and b"\n" not in data:
            self.pace.pay(price_of_a_read(nbytes, self.server.max_line), self.server.clock())
        if self.is_new and not self.is_welcome(data):
            return None
        if self.held:  # TLS may still have some that it had read before.
            return self.lines.add(data)
        self.take_in(data)
        if self.pace or self.outbox.is_full:
            self.must_wait()
        return None

    def read_slowly(self) -> None:
        """Throw away what a leaver sends; to read it is work all the same."""
        if self.pace and self.transport:
            now = self.server.clock()
            self.pace.pay(COMMAND, now)
            if wait := self.pace.debt(now):
                self.transport.pause_reading()
                self.due = self.server.loop.call_later(wait, self.read_on)

    def without_commands(self, data: bytes) -> bytes:
        """What is text, when telnet's commands are answered and paid for."""
        self.telnet = self.telnet or Telnet()
        before = self.telnet.commands
        data, reply = self.telnet.feed(data)
        if reply:
            self.outbox.answer(reply)
        if self.pace:
            self.pace.pay((self.telnet.commands - before) * COMMAND, self.server.clock())
        return data

    def is_welcome(self, data: bytes) -> bool:
        """Whether what comes first is chat; who came to the wrong door is told so."""
        self.is_new = b"\n" not in data
        if self.is_new and len(self.lines.rest) >= len(strangers.HANDSHAKE):
            return True  # All that can be known before the line ends is known.
        answer = strangers.answer_to(bytes(self.lines.rest) + data, self.server.max_line)
        if answer is not None:
            self.outbox.answer(answer)
            self.leave("another protocol")
        return answer is None

    # Lines.

    def take_in(self, data: bytes) -> None:
        """Hear what came; if anything was said to all, the speaker is the first to see it."""
        log = self.server.room.log
        before = log.end
        if not self.hear_plain(data):
            self.hear(self.lines.feed(data))
        if log.end != before:
            self.spoke = log.end
            self.server.fanout.call(self)

    def hear_plain(self, data: bytes) -> bool:
        """Say all lines at once, if they are plain chat from one whose pace is not limited."""
        count = data.count(b"\n")
        if count < MANY or self.user is None or self.pace:
            return False
        size = len(data) + count * len(self.user.prefix)
        fanout = self.server.fanout
        if size > fanout.share:
            return False
        if self.server.room.log.end + size > fanout.taken + fanout.share:
            self.lines.add(data)
            self.wait_for_readers([])
            return True
        lines = self.lines.feed_plain(data)
        if lines:
            self.active_at = self.server.clock()
            self.server.counts.lines_in += count
            self.user.say_lines(lines, count)
        return lines is not None

    def hear(self, lines: list[bytes], *, is_last: bool = False) -> None:
        """Act on lines, as long as they may be heard; keep the rest.

        If the connection ends with them, nothing can be kept: they wait for no reader, and those
        that are too fast are lost.
        """
        now = self.server.clock()
        longest = self.server.max_line
        log, fanout = self.server.room.log, self.server.fanout
        stop = fanout.taken + fanout.share
        if lines and self.user is not None:  # A guest has so long for all attempts.
            self.active_at = now
        for at, line in enumerate(lines):
            if line in EMPTY and self.user is not None:
                if self.pace:
                    self.pace.pay(COMMAND, now)
                continue
            if len(line) > longest:
                return self.leave("long line", phrases.TOO_LONG)
            if self.outbox.is_full and not is_last:
                return self.hold(lines[at:])
            # The first line since the readers had all waits for nobody.
            if log.end > stop and (at or self.spoke > fanout.taken) and not is_last:
                return self.wait_for_readers(lines[at:])
            if self.pace and (wait := self.pace.wait(now)):
                return None if is_last else self.hold(lines[at:], wait)
            self.server.counts.lines_in += 1
            if self.user is not None:
                self.act(self.user, line)
            else:
                self.try_password(line)
                if self.user is None:
                    return self.hold(lines[at + 1 :], PAUSE)
            if self.leaving:
                break
        return None

    def act(self, user: "User", line: bytes) -> None:
        """Act on one line of a user's."""
        try:
            text = wire.text_of(line)
        except UnicodeDecodeError:
            user.answer(phrases.NOT_UTF8)
        else:
            user.do_message(text)

    def try_password(self, line: bytes) -> None:
        """A guest's line: in, once more, or out."""
        self.attempts += 1
        if self.server.password is None or self.server.password.matches(line):
            self.come_in()
        elif self.attempts < ATTEMPTS:
            self.outbox.answer(wire.encode(phrases.TRY_AGAIN))
        else:
            self.leave("password", phrases.TRIED_TOO_OFTEN)

    # Not yet.

    def must_wait(self) -> bool:
        """Read no more for now if answers wait to be read, or a debt to be paid. True if so."""
        if not self.held and not self.leaving:
            if self.outbox.is_full:
                self.hold([])
            elif self.pace and (wait := self.pace.debt(self.server.clock())):
                self.hold([], wait)
        return self.held

    def wait_for_readers(self, lines: list[bytes]) -> None:
        """Keep lines until all readers have taken what was said before: WAIT seconds at most."""
        fanout = self.server.fanout
        fanout.waiting[self.go_on] = None
        self.hold(lines, WAIT, partial(fanout.wait_no_longer, fanout.taken))

    def hold(
        self, lines: list[bytes], seconds: float = 0.0, then: Callable[[], None] | None = None
    ) -> None:
        """Keep lines, and read nothing more: for so long, or until answers have been taken."""
        if self.leaving or not self.transport:
            return
        self.lines.put_back(lines)
        self.held = True
        if self.transport.is_reading():
            self.transport.pause_reading()
        if seconds:
            self.due = self.server.loop.call_later(seconds, then or self.go_on)

    def go_on(self) -> None:
        """Hear what was kept, and read again when that is done."""
        if self.due:
            self.due.cancel()
            self.due = None
        if self.leaving or not self.transport:
            return
        self.held = False
        if self.at_end:
            self.hear(self.lines.end())
        else:
            self.take_in(self.lines.take_back())
        if self.held or self.leaving:
            return
        if self.at_end:
            self.leave("left")
        elif not self.must_wait():
            self.read_on()

    def read_on(self) -> None:
        """Read again, if that was paused and there may be more."""
        if self.at_end or not self.transport or self.transport.is_closing():
            return
        if not self.transport.is_reading():
            self.transport.resume_reading()

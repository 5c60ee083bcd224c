"""One connection: from bytes that arrive to lines that are heard, from what is owed to writes.

asyncio calls the methods of a protocol; none of them waits. A connection is in one of these states:

    guest ──password──▶ user ──leave()──▶ leaving ──all written──▶ lingering ──▶ gone
      └────────────────leave()───────────────┘

*Guest* only exists in a closed room. *Leaving* is deaf: what is owed is still delivered, for
FAREWELL seconds at most. *Lingering*: our side has ended and what comes is thrown away, since
closing on unread input resets the connection, and a reset can overtake our last line (RFC 1122,
4.2.2.13).

What comes in is in `hearing.py`; here is what goes out, and how a connection begins and ends. How
much is kept for it is bounded on both sides. In: a receive buffer that all share, one piece of
unheard input, one unfinished line. Out: see `outbox.py`; and the transport's own buffer is never a
queue, since it is written to only while it is empty (in CPython 3.12 and 3.13.0 its cost grows with
the square of what waits in it).
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from im_final import phrases, wire
from im_final.hearing import Hearing
from im_final.outbox import Outbox
from im_final.progress import progress
from im_final.statistics import ConnectionStatistics

if TYPE_CHECKING:
    from im_final.gate import Address
    from im_final.server import Server

FAREWELL = 2.0  # Seconds that a leaver has to take the last bytes.
LINGER = 1.0  # Seconds in which whoever we have said goodbye to should hang up.


class Connection(Hearing):
    """Somebody who is connected from `address`; `addr` is the `ip:port` that others see."""

    __slots__ = (
        "addr", "address", "blocked", "ended", "finished", "refusal", "stuck_at", "taken", "timer",
    )  # fmt: skip

    def __init__(
        self, server: "Server", address: "Address", port: int, refusal: str | None = None
    ) -> None:
        super().__init__(server, server.guest_pace(address))
        self.address = address
        self.addr = f"{address}:{port}"
        self.refusal = refusal  # Why this one is not let in.
        self.outbox = Outbox(server.room.log, self)
        self.blocked = False  # The transport has not written all that it has.
        self.ended = False  # Who is leaving has left the room: nothing more will come.
        self.finished = False
        self.timer: tuple[float, Callable[[], None]] | None = None  # What ends a leaver, and when.
        self.stuck_at = self.active_at
        self.taken: tuple[int, int] | None = None  # See `progress`; of when it is blocked.

    def statistics(self) -> ConnectionStatistics:
        """How this connection does."""
        return ConnectionStatistics(
            addr=self.addr,
            name=self.user.name if self.user else None,
            owed=self.outbox.owed,
            answers=self.outbox.answers,
            is_blocked=self.blocked,
            is_held=self.held,
            idle_seconds=self.server.clock() - self.active_at,
        )

    # The beginning.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins: as a user, as a guest, or with the line that says why not."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none, and as good.
        # A transport with more than a byte to write is blocked; 0 would block TLS for ever.
        self.transport.set_write_buffer_limits(high=1)
        self.server.arrived(self)
        if self.refusal is not None:
            self.leave("refused", self.refusal)
        elif self.server.password is None:
            self.come_in()

    def come_in(self) -> None:
        """Become a user."""
        self.pace = self.server.pace() if self.pace else None
        self.user = self.server.room.newcomer(self.outbox, self.addr)
        self.server.readers[self] = None
        self.active_at = self.server.clock()
        self.user.online()

    # Out.

    def ring(self) -> None:
        """The outbox has got a line for this connection alone."""
        self.server.counts.directs += 1
        self.server.fanout.call(self)

    def write_first(self) -> None:
        """This one is written to before others."""
        self.server.fanout.call(self)

    def pump(self) -> None:
        """Write what is owed, as far as the transport takes it; drop who is too far behind."""
        if self.transport is None:
            return
        if self.transport.is_closing():
            self.outbox.close()
            self.server.fanout.unblock(self)
            return
        while not self.blocked and (data := self.outbox.take()):
            self.write(data)
        if self.blocked:
            if self.outbox.owed > self.server.max_backlog and not self.leaving:
                self.drop("backlog")
        elif self.ended:
            self.server.soon(self.finish)  # asyncio may be about to end it, see `resume_writing`.
        elif self.held and self.due is None and not self.outbox.is_full and not self.leaving:
            self.due = self.server.loop.call_soon(self.go_on)

    def write(self, data: bytes) -> None:
        """Give data to the transport."""
        if self.transport and data:
            self.transport.write(data)
            self.server.counts.bytes_out += len(data)

    def pause_writing(self) -> None:
        """The transport has more than it can write now."""
        self.blocked = True
        self.taken = None
        if self in self.server.readers:
            self.server.fanout.blocked[self] = None

    def resume_writing(self) -> None:
        """It has written all that it had.

        To close the transport in here would make asyncio's selector loop lose the connection twice.
        """
        self.blocked = False
        self.pump()
        if not self.blocked:
            self.server.fanout.unblock(self)

    def eof_received(self) -> bool:
        """The peer says no more. Returns whether the transport stays open for what we say."""
        self.at_end = True
        if self.finished or not self.transport:
            return False
        if not self.held:
            self.go_on()
        if not self.transport.get_extra_info("sslcontext"):
            return True
        if self.held:
            self.hear(self.lines.end(), is_last=True)
        self.server.room.log.seal()  # asyncio ends a TLS connection when we return:
        self.write(b"".join(iter(self.outbox.take, b"")))  # blocked or not, it is now or never.
        return False

    # The end.

    def check(self, now: float) -> None:
        """Let time act: on leavers, on guests, on the idle, on those who take nothing."""
        if not self.transport:
            return
        if self.leaving:
            if self.timer and now >= self.timer[0]:
                self.timer[1]()
        elif self.user is None:
            if now - self.active_at >= self.server.handshake_timeout:
                self.leave("password", phrases.TRIED_TOO_LATE)
        elif now - self.active_at >= self.server.idle_timeout:
            self.leave("idle", phrases.KICKED)
        elif self.blocked and self.outbox.owed:
            taken = progress(self.transport)
            if taken != self.taken:
                self.taken, self.stuck_at = taken, now
            elif now - self.stuck_at >= self.server.max_stall:
                self.drop("stall")

    def leave(self, reason: str, farewell: str = "", within: float = FAREWELL) -> None:
        """Off the roster; then deliver what is owed within so many seconds, and hang up."""
        if self.leaving or not self.transport:
            return
        self.leaving = True
        if self.user is not None:
            self.user.offline(farewell, self.end)
        else:
            if farewell:
                self.outbox.answer(wire.encode(farewell))
            self.end()
        self.server.left(self, reason)
        self.call_at_the_end(within, self.give_up)
        self.read_on()

    def give_up(self) -> None:
        """The time of a leaver is over. Who still has not left the room is told goodbye anyway."""
        if not self.transport:
            return
        if self.ended or self.user is None:
            self.transport.abort()
        else:
            self.call_at_the_end(LINGER, self.transport.abort)
            self.user.hurry()

    def end(self) -> None:
        """Nothing more will come: when what is owed is written, hang up."""
        self.ended = True
        self.server.readers.pop(self, None)
        self.server.fanout.unblock(self)
        self.server.fanout.call(self)

    def drop(self, reason: str) -> None:
        """Hang up on one who does not read: `close` would wait for that. See `resume_writing`."""
        self.leave(reason)
        if self.transport:
            self.server.soon(self.transport.abort)

    def finish(self) -> None:
        """All is written. End our side; close when the peer ends theirs, or soon anyway."""
        if self.finished or not self.transport or self.transport.is_closing():
            return
        self.finished = True
        if self.at_end or not self.transport.can_write_eof():  # TLS lingers by itself.
            self.transport.close()
        else:
            with contextlib.suppress(OSError):  # The peer may have gone, which we will hear of.
                self.transport.write_eof()
            self.call_at_the_end(LINGER, self.transport.abort)

    def call_at_the_end(self, seconds: float, act: Callable[[], None]) -> None:
        """Have a leaver's end come by the clock; a timer of asyncio's would count a stall."""
        self.timer = self.server.clock() + seconds, act

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, however it came to that."""
        try:
            self.leave("lost" if exc else "left")
        finally:  # Whatever a bug may do, it costs no place.
            if self.due:
                self.due.cancel()
            self.timer = None
            self.outbox.close()
            self.server.fanout.unblock(self)
            self.server.gone(self)

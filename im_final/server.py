"""The server: it listens, lets people in, lets time pass, and ends well.

    async with Server(port=0) as server:
        print(server.port)

What happens between a byte that comes and a byte that goes is elsewhere: `connection.py` has one
connection, `fanout.py` has the writing to all of them, `room.py` what they are writing about.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from im_final import listeners, phrases, tls
from im_final.clock import RunningClock
from im_final.connection import LINGER, Connection
from im_final.fanout import FanOut
from im_final.flood import GUEST, Pace
from im_final.gate import REASONS, Address, Gate, address_of
from im_final.hearing import piece
from im_final.log import Log
from im_final.options import Options
from im_final.password import Password
from im_final.room import Room
from im_final.statistics import Counts, Statistics
from im_final.user import User

if TYPE_CHECKING:
    import ssl

    from im_final.backplane import Backplane

RUSH = 256  # Connections accepted in one turn of the loop, at most.
RETRY = 1.0  # Seconds until the next try to accept, when the system refused.
SWEEP = 0.5  # Seconds between two looks at all connections, at most.
NEVER = 1e6  # Seconds for asyncio's own timers, which would count a stall. The sweep is earlier.
SILENCE = 60.0  # Seconds in which that is said once.
SHARE = 2**18  # Bytes that may be said ahead of the readers, and at most a quarter of a backlog.
TURNED_AWAY = 100  # Connections that may be told at the same time why they are not let in.
TLS_REFUSALS = (20, 5.0)  # At once and a second: to tell over TLS takes a handshake, 1 ms or so.

log = logging.getLogger("im_final")


@dataclass(eq=False)
class Server(Options):
    """A chat server with these `Options`; a second one can run beside it.

    `sockets` are listening sockets to use in place of `host` and `port`. `clock` gives the seconds
    by which limits are measured; by default those in which the server ran.
    """

    _: KW_ONLY
    sockets: Sequence[socket.socket] = field(default=(), repr=False)
    clock: Callable[[], float] = field(default_factory=RunningClock, repr=False)
    backplane: "Backplane | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.connections: dict[Connection, None] = {}  # A set that keeps its order.
        self.readers: dict[Connection, None] = {}  # Those who are online.
        chat = Log()
        self.fanout = FanOut(
            chat, self.readers.keys(), self.soon, share=min(SHARE, self.max_backlog // 4)
        )
        if self.backplane:
            self.room = self.backplane.open(chat, self.fanout.wake, self.max_backlog)
        else:
            self.room = Room(chat, self.fanout.wake)
        self.gate = Gate(
            self.max_connections,
            self.max_per_address,
            self.networks(),
            burst=self.arrival_burst,
            rate=self.arrival_rate,
        )
        self.piece = piece(self.max_line)
        self.counts = Counts()
        self.turned_away = 0
        self.tls_refusals = Pace(*TLS_REFUSALS, self.clock())
        self.password: Password | None = None
        self.tls: ssl.SSLContext | None = None
        self.listeners: list[socket.socket] = []
        self.is_accepting = False
        self.accepting: set[asyncio.Task[None]] = set()
        self.arriving: dict[asyncio.Task[None], tuple[socket.socket, Connection]] = {}
        self.sweeping: asyncio.Task[None] | None = None
        shortest = min(self.idle_timeout, self.max_stall, self.handshake_timeout)
        self.period = min(SWEEP, shortest / 10)  # Seconds between two sweeps.
        self.emptied = asyncio.Event()  # Set while there is no connection.
        self.emptied.set()
        # When it was last said that nothing can be accepted.
        self.complained = self.clock() - SILENCE

    # Its life.

    async def start(self) -> None:
        """Listen, and return. Raises OSError, and ValueError for files that cannot be used."""
        self.loop = asyncio.get_running_loop()
        self.reload()
        for sock in self.sockets:
            listeners.check(sock)
        self.listeners = list(self.sockets) or listeners.listen(self.host, self.port)
        self.host, self.port = self.listeners[0].getsockname()[:2]
        self.is_accepting = True
        for listener in self.listeners:
            self.accepting.add(self.loop.create_task(self.accept(listener)))
        self.sweeping = self.loop.create_task(self.let_time_pass())
        if self.backplane:
            await self.backplane.start()
        log.info("%s %s:%s", phrases.READY, self.host, self.port)

    def reload(self) -> None:
        """Read the certificate and the password again; who is connected stays so.

        Raises OSError or ValueError, and then all is as it was.
        """
        context = tls.make_context(self.tls_cert, self.tls_key) if self.tls_cert else None
        password = Password.read(self.password_file, self.max_line) if self.password_file else None
        self.tls, self.password = context, password

    async def stop(self) -> None:
        """Accept nobody more, say goodbye, deliver what is owed within `drain` seconds."""
        try:
            await self.accept_no_more()
            self.room.close()
            self.each(lambda one: one.leave("shutdown", phrases.CLOSING, self.drain))
            ends_at = self.clock() + self.drain + LINGER + 2 * self.period
            if self.backplane:
                await self.backplane.stop(self.drain / 2)  # Or nobody would read goodbye.
            while self.connections and self.clock() < ends_at:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.period):
                        await self.emptied.wait()
        finally:
            self.abort()
            if self.sweeping:
                self.sweeping.cancel()
                await asyncio.gather(self.sweeping, return_exceptions=True)

    async def accept_no_more(self) -> None:
        """Close the listeners, and let in the connections that have arrived, for the goodbye.

        To cancel an arrival would leave uvloop with a transport that is closed and does not say so;
        to cancel `sock_accept` would lose a connection that asyncio has just accepted.
        """
        self.is_accepting = False
        for listener in self.listeners:
            if listener.fileno() >= 0:
                with contextlib.suppress(NotImplementedError):  # On Windows, where nothing is lost.
                    self.loop.remove_reader(listener)
        await asyncio.sleep(0)  # A connection that was accepted is received now.
        for task in self.accepting:
            task.cancel()
        await asyncio.gather(*self.accepting, return_exceptions=True)
        for listener in self.listeners:
            listener.close()
        self.end_handshakes(self.clock())
        if self.arriving:
            await asyncio.wait(self.arriving, timeout=LINGER)

    def abort(self) -> None:
        """End every connection at once, whatever is owed."""
        for connection in self.connections:
            if connection.transport:
                connection.transport.abort()

    def each(self, act: Callable[[Connection], None]) -> None:
        """Call `act` with every connection. A bug in one ends that connection, and no other."""
        for connection in list(self.connections):
            try:
                act(connection)
            except Exception:
                log.exception("a bug ended a connection", extra={"addr": connection.addr})
                if connection.transport:
                    connection.transport.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def soon(self, act: Callable[[], None]) -> None:
        """Put something into the next turn of the loop."""
        self.loop.call_soon(act)

    # Arrivals.

    async def accept(self, listener: socket.socket) -> None:
        """Let people in for ever; those who come at once, at once: their joins travel together."""
        while self.is_accepting and listener.fileno() >= 0:
            try:
                self.receive(*await self.loop.sock_accept(listener))
                for _ in range(RUSH):
                    self.receive(*listener.accept())
            except (BlockingIOError, ConnectionError):
                pass  # There is nobody else, or they have gone already.
            except OSError as error:  # No file descriptors, no memory, no network: it may pass.
                self.complain(error)
                await asyncio.sleep(RETRY)
            except Exception:
                log.exception("a bug kept somebody out")
            await asyncio.sleep(0)

    def complain(self, error: OSError) -> None:
        """Say that nobody can be accepted; once, not with every try."""
        if self.clock() - self.complained >= SILENCE:
            self.complained = self.clock()
            log.warning("cannot accept anybody for now: %s", error.strerror)

    def receive(self, sock: socket.socket, peer: Sequence[Any]) -> None:
        """Let somebody in, or tell them why not."""
        sock.setblocking(False)
        # Or lines would wait for the answer to those before (Nagle); asyncio does not always do it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        address, port = address_of(peer[0]), peer[1]
        now = self.clock()
        refusal = self.gate.admit(address, now)
        if refusal is not None:
            self.counts.refusals[REASONS[refusal]] += 1
            if self.turned_away >= TURNED_AWAY or (self.tls and self.tls_refusals.wait(now)):
                sock.close()
                return
            self.turned_away += 1
        connection = Connection(self, address, port, refusal)
        task = self.loop.create_task(self.connect(sock, connection))
        self.arriving[task] = sock, connection
        task.add_done_callback(self.did_arrive)

    async def connect(self, sock: socket.socket, connection: Connection) -> None:
        """Give a connection its transport: with TLS, after the handshake."""
        tls_options: dict[str, Any] = {}
        if self.tls:
            tls_options = {
                "ssl": self.tls,
                "ssl_handshake_timeout": NEVER,
                "ssl_shutdown_timeout": NEVER,
            }
        try:
            await self.loop.connect_accepted_socket(lambda: connection, sock, **tls_options)
        except OSError:
            self.counts.refusals["handshake"] += 1
            log.info("handshake failed", extra={"addr": connection.addr})

    def end_handshakes(self, began_by: float) -> None:
        """End the TLS handshakes that began by then, as the peer would: by the end of the input."""
        for sock, connection in self.arriving.values():
            if self.tls and connection.transport is None and connection.active_at <= began_by:
                with contextlib.suppress(OSError):  # The peer may have gone.
                    sock.shutdown(socket.SHUT_RDWR)

    def did_arrive(self, task: asyncio.Task[None]) -> None:
        """A connection is made, or will never be."""
        sock, connection = self.arriving.pop(task)
        if connection.transport is None:
            sock.close()
            self.release(connection)

    def arrived(self, connection: Connection) -> None:
        """A connection is made."""
        self.connections[connection] = None
        self.emptied.clear()
        if connection.refusal is None:
            log.info(phrases.CONNECTED, extra={"addr": connection.addr})

    def guest_pace(self, address: Address) -> Pace | None:
        """How fast one who has just come from there may write; None is as fast as they can."""
        if not self.flood_rate or self.gate.is_exempt(address):
            return None
        burst, rate = GUEST
        return Pace(min(burst, self.flood_burst), min(rate, self.flood_rate), self.clock())

    def pace(self) -> Pace:
        """How fast a user may write."""
        return Pace(self.flood_burst, self.flood_rate, self.clock())

    # Departures.

    def left(self, connection: Connection, reason: str) -> None:
        """Somebody begins to leave."""
        self.counts.departures[reason] += 1
        name = connection.user.name if connection.user else None
        log.info("left", extra={"addr": connection.addr, "user": name, "reason": reason})

    def gone(self, connection: Connection) -> None:
        """A connection is over."""
        del self.connections[connection]
        self.release(connection)
        if not self.connections:
            self.emptied.set()

    def release(self, connection: Connection) -> None:
        """Give the place of a connection to others."""
        if connection.refusal is None:
            self.gate.release(connection.address)
        else:
            self.turned_away -= 1

    # Time.

    async def let_time_pass(self) -> None:
        """Look at every connection now and then: one sweep for all, not a timer for each line."""
        while True:
            await asyncio.sleep(self.period)
            await asyncio.sleep(0)  # After a stall timers come first; what has come is read now.
            try:
                self.sweep()
            except Exception:
                log.exception("a bug ended a sweep")

    def sweep(self) -> None:
        """End what has lasted too long."""
        now = self.clock()
        self.each(lambda one: one.check(now))
        self.end_handshakes(now - self.handshake_timeout)
        self.gate.forget(now)

    # Seen from outside.

    @property
    def online_map(self) -> dict[str, User]:
        """Everyone online by name, in the order they joined."""
        return {user.name: user for user in self.room.roster}

    def statistics(self) -> Statistics:
        """How the server does. Call it in the server's own loop."""
        return Statistics(
            users=len(self.room.roster),
            connections=len(self.connections),
            counts=self.counts,
            backlogs=[connection.outbox.owed for connection in self.connections],
            log_bytes=self.room.log.end,
            log_lines=self.room.log.lines,
            deliveries=self.fanout.deliveries,
            turns=list(self.fanout.turns),
            turn_seconds=self.fanout.seconds,
            link=self.backplane.statistics() if self.backplane else None,
        )

"""A right server in another design: one thread, non-blocking sockets, a loop over `selectors`."""

import contextlib
import selectors
import signal
import socket
import sys
import time

from rules import BACKLOG, GOODBYE, Lines, Person, Room, TooLong, options

from stages import phrases

SWEEP = 0.1  # Seconds between two looks at who is idle.


class Connection:
    """One socket, what is to be written to it, and whose it is."""

    def __init__(self, server: "Server", sock: socket.socket, peer: tuple[str, int]) -> None:
        self.server = server
        self.sock = sock
        self.lines = Lines()
        self.out = bytearray()
        self.person = Person("{}:{}".format(*peer[:2]), self.send)
        self.last = time.monotonic()
        self.ends = 0.0  # When a connection that is said goodbye to is cut; 0: it is not.
        self.input_ended = False
        self.closed = False

    def send(self, text: str) -> None:
        """Queue a line; who is too far behind is dropped."""
        self.out += text.encode() + b"\n"
        if len(self.out) > BACKLOG:
            self.server.dropped.append(self)
        self.server.touched.add(self)

    def watch(self) -> None:
        """Tell the selector what this connection waits for."""
        events = 0 if self.input_ended else selectors.EVENT_READ
        events |= selectors.EVENT_WRITE if self.out or self.input_ended else 0
        if not self.closed:
            self.server.selector.modify(self.sock, events, self)

    def write(self) -> None:
        """Send what the system takes; after the last byte of a goodbye, end our side."""
        with contextlib.suppress(BlockingIOError):
            while self.out:
                del self.out[: self.sock.send(self.out[: 1 << 18])]
            if self.ends and self.input_ended:
                self.server.close(self)
            elif self.ends:
                self.sock.shutdown(socket.SHUT_WR)
                self.ends = min(self.ends, time.monotonic() + 1)


class Server:
    """The room and all connections."""

    def __init__(self, port: int, idle: float, stage: int) -> None:
        self.room = Room(stage)
        self.idle = idle if stage >= 7 else float("inf")
        self.selector = selectors.DefaultSelector()
        self.connections: set[Connection] = set()
        self.touched: set[Connection] = set()
        self.dropped: list[Connection] = []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.stopping = False
        self.deaf_until = 0.0

    def run(self) -> None:
        """Serve until a signal; then deliver what waits."""
        print(phrases.READY, flush=True)
        while not self.stopping or self.connections:
            for key, mask in self.selector.select(SWEEP):
                if key.data is None:
                    self.accept()
                elif isinstance(key.data, Connection):
                    self.guarded(key.data, mask)
            self.settle()

    def accept(self) -> None:
        """Take one who waits; without a descriptor for them, wait a moment."""
        try:
            sock, peer = self.listener.accept()
        except BlockingIOError:
            return
        except OSError:
            self.selector.unregister(self.listener)
            self.deaf_until = time.monotonic() + 0.5
            return
        print(phrases.CONNECTED, flush=True)
        sock.setblocking(False)
        connection = Connection(self, sock, peer)
        self.connections.add(connection)
        self.selector.register(sock, selectors.EVENT_READ, connection)
        self.room.join(connection.person)
        if self.room.stage == 1:
            self.bid_farewell(connection)

    def guarded(self, connection: Connection, mask: int) -> None:
        """Read and write; who has gone is gone."""
        try:
            if mask & selectors.EVENT_WRITE and not connection.closed:
                self.touched.add(connection)
            if mask & selectors.EVENT_READ and not connection.closed:
                self.read(connection)
        except BlockingIOError:
            pass
        except OSError:
            self.close(connection)

    def read(self, connection: Connection) -> None:
        """Act on what came."""
        data = connection.sock.recv(1 << 16)
        connection.input_ended = not data
        if connection.ends:
            self.touched.add(connection)
            return
        for line in connection.lines.feed(data, last=not data):
            if isinstance(line, TooLong):
                if self.room.stage < 3:
                    connection.lines = Lines()
                    return
                connection.send(phrases.TOO_LONG)
                self.bid_farewell(connection)
                return
            connection.last = time.monotonic()
            self.room.act(connection.person, line)
        if not data:
            self.bid_farewell(connection)

    def bid_farewell(self, connection: Connection) -> None:
        """Off the roster; what waits is still sent."""
        self.room.leave(connection.person)
        connection.ends = time.monotonic() + GOODBYE
        self.touched.add(connection)

    def close(self, connection: Connection) -> None:
        """Let go of a connection."""
        if not connection.closed:
            connection.closed = True
            self.selector.unregister(connection.sock)
            connection.sock.close()
            self.connections.discard(connection)
            self.room.leave(connection.person)

    def settle(self) -> None:
        """Write, drop, kick, and stop, each when it is due."""
        now = time.monotonic()
        for connection in list(self.connections):
            if connection.ends and now > connection.ends:
                self.close(connection)
            elif not connection.ends and now - connection.last > self.idle:
                connection.send(phrases.KICKED)
                self.bid_farewell(connection)
            elif self.stopping and not connection.ends:
                self.room.online.clear()
                self.bid_farewell(connection)
        while self.touched or self.dropped:
            while self.dropped:
                self.close(self.dropped.pop())
            connection = self.touched.pop() if self.touched else None
            if connection and not connection.closed:
                try:
                    connection.write()
                    connection.watch()
                except OSError:
                    self.close(connection)
        if self.deaf_until and now > self.deaf_until:
            self.deaf_until = 0.0
            self.selector.register(self.listener, selectors.EVENT_READ)

    def stop(self, *_: object) -> None:
        """Take nobody more."""
        self.stopping = True
        if self.listener.fileno() >= 0:
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(self.listener)
            self.deaf_until = 0.0
            self.listener.close()


def main() -> None:
    """Run it."""
    given = options()
    try:
        server = Server(given.port, given.idle, given.stage)
    except OSError as error:
        sys.exit(f"cannot listen on port {given.port}: {error.strerror}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.run()


if __name__ == "__main__":
    main()

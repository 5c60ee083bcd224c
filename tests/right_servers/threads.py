"""A right server in another design: two threads for each connection, and one lock for the room."""

import contextlib
import queue
import signal
import socket
import sys
import threading
import time

from rules import BACKLOG, GOODBYE, Lines, Person, Room, TooLong, options

from stages import phrases

STACK = 256 * 1024  # Bytes; a thread here needs little.


class Connection:
    """One socket: a thread reads it, another writes what is in its queue."""

    def __init__(self, server: "Server", sock: socket.socket, peer: tuple[str, int]) -> None:
        self.server = server
        self.sock = sock
        self.person = Person("{}:{}".format(*peer[:2]), self.send)
        self.queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.waiting = 0  # Bytes; changed under the lock of the room, or of the writer.
        self.counting = threading.Lock()
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.reader = threading.Thread(target=self.serve, daemon=True)

    def send(self, text: str) -> None:
        """Queue a line; who is too far behind is dropped."""
        data = text.encode() + b"\n"
        with self.counting:
            self.waiting += len(data)
            behind = self.waiting > BACKLOG
        if behind:
            self.cut()
        else:
            self.queue.put(data)

    def cut(self) -> None:
        """End both threads' waiting."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def write(self) -> None:
        """Send what is queued until there is no more."""
        with contextlib.suppress(OSError):
            while (data := self.queue.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[self.sock.send(view) :]
                with self.counting:
                    self.waiting -= len(data)

    def serve(self) -> None:
        """A visit."""
        with self.server.lock:
            self.server.room.join(self.person)
        try:
            self.converse()
        except OSError:
            pass
        finally:
            with self.server.lock:
                self.server.room.leave(self.person)
            self.end()

    def converse(self) -> None:
        """Act on every line until there are no more, or none comes for too long."""
        lines = Lines()
        stage, idle = self.server.stage, self.server.idle
        deadline = time.monotonic() + idle
        data = b"?"
        while data and stage > 1:
            if stage >= 7:
                self.server.wait_readable(self.sock, deadline)
            if time.monotonic() > deadline and stage >= 7:
                self.send(phrases.KICKED)
                return
            data = self.sock.recv(1 << 16)
            if self.server.stopping:
                return
            for line in lines.feed(data, last=not data):
                if isinstance(line, TooLong):
                    if stage < 3:
                        lines = Lines()
                        break
                    self.send(phrases.TOO_LONG)
                    return
                deadline = time.monotonic() + idle
                with self.server.lock:
                    self.server.room.act(self.person, line)

    def end(self) -> None:
        """Deliver what is queued, then close."""
        self.queue.put(None)
        self.writer.join(GOODBYE)
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(1)
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline and self.sock.recv(1 << 16):
                pass
        self.cut()
        self.sock.close()
        with self.server.lock:
            self.server.connections.discard(self)


class Server:
    """The listener and the room."""

    def __init__(self, port: int, idle: float, stage: int) -> None:
        self.stage, self.idle = stage, idle
        self.room = Room(stage)
        self.lock = threading.Lock()
        self.connections: set[Connection] = set()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.stopping = False

    @staticmethod
    def wait_readable(sock: socket.socket, deadline: float) -> None:
        """Return when there is something to read, or at the deadline."""
        import select  # noqa: PLC0415

        poll = select.poll()
        poll.register(sock, select.POLLIN)
        poll.poll(max(0.0, deadline - time.monotonic()) * 1000 + 1)

    def run(self) -> None:
        """Accept for ever, in a thread of its own."""
        while not self.stopping:
            try:
                sock, peer = self.listener.accept()
            except OSError:
                time.sleep(0.1)  # No descriptors, perhaps.
                continue
            connection = Connection(self, sock, peer)
            with self.lock:
                connection.writer.start()
                connection.reader.start()
                self.connections.add(connection)
            print(phrases.CONNECTED, flush=True)

    def stop(self) -> None:
        """Take nobody more, deliver what waits."""
        self.stopping = True
        with self.lock:
            self.room.online.clear()
            everybody = list(self.connections)
        for connection in everybody:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RD)  # Its reader wakes up, and ends.
        for connection in everybody:
            connection.reader.join(GOODBYE + 1)


def main() -> None:
    """Run it."""
    given = options()
    threading.stack_size(STACK)
    signals = (signal.SIGTERM, signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        server = Server(given.port, given.idle, given.stage)
    except OSError as error:
        sys.exit(f"cannot listen on port {given.port}: {error.strerror}")
    threading.Thread(target=server.run, daemon=True).start()
    print(phrases.READY, flush=True)
    signal.sigwait(signals)
    server.stop()


if __name__ == "__main__":
    main()

"""The server behind TLS, in front of which stands somebody who speaks it for plain clients.

    python -m tests.im_final.tls_front PORT OPTION ...

So everything that is promised to a plain client can be asked of the TLS port, too. Each connection
to PORT is carried to the server's own, over TLS: bytes both ways, the end of the input, resets, and
as little in between as the system allows. The server is told whom it really has before it, since
it tells people their addresses.
"""

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from im_final import __main__, program
from im_final.server import Server

CHUNK = 2**14
BUFFER = 2**15  # What the system may keep on each side, so that who does not read is soon noticed.
PATIENCE = 1.0  # Seconds in which who has been told everything should hang up.
RETRY = 0.05  # Seconds until the next try, when there are no more files.


class Carrier:
    """One connection, and the one that it is carried over."""

    def __init__(self, client: socket.socket, inner: socket.socket, context: ssl.SSLContext):
        self.client = client
        self.inner = inner
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.to_client = b""
        self.to_inner = b""
        self.is_open = False  # The handshake is done.
        self.client_ended = False
        self.inner_ended = False
        self.told_the_end = False

    def begin(self) -> None:
        """Shake hands, and wait for the first that the server says: then it knows this one."""
        self.inner.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            self.unwrap()
            while not self.to_client and not self.inner_ended:
                self.inner.sendall(self.to_inner)
                self.to_inner = b""
                self.read_inner()
        self.client.setblocking(False)
        self.inner.setblocking(False)

    def carry(self) -> None:
        """Go on until both have ended, or one is cut off: then so is the other."""
        try:
            deadline = float("inf")
            while not self.is_over() and time.monotonic() < deadline:
                if self.inner_ended and not self.to_client and not self.told_the_end:
                    self.told_the_end = True
                    self.client.shutdown(socket.SHUT_WR)
                    deadline = time.monotonic() + PATIENCE
                self.wait_and_move()
        except OSError:
            for sock in (self.client, self.inner):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            self.client.close()
            self.inner.close()

    def is_over(self) -> bool:
        """Whether both have ended, and all was carried."""
        return self.client_ended and self.inner_ended and not self.to_client

    def wait_and_move(self) -> None:
        """Wait until something can be read or written, and do that."""
        poll = select.poll()
        client = select.POLLOUT if self.to_client else 0
        if not self.client_ended and (self.inner_ended or (self.is_open and not self.to_inner)):
            client |= select.POLLIN
        inner = select.POLLOUT if self.to_inner else 0
        if not self.inner_ended and not self.to_client:
            inner |= select.POLLIN
        if client:
            poll.register(self.client, client)
        if inner:
            poll.register(self.inner, inner)
        for number, event in poll.poll(PATIENCE * 1000):
            at_client = number == self.client.fileno()
            if event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                with contextlib.suppress(BlockingIOError):
                    self.read_client() if at_client else self.read_inner()
            if event & select.POLLOUT:
                with contextlib.suppress(BlockingIOError):
                    self.write(at_client)

    def read_client(self) -> None:
        """Text, or the end of the input."""
        data = self.client.recv(CHUNK)
        if not data:
            self.client_ended = True
        if self.inner_ended:
            return
        if data:
            self.tls.write(data)
        else:
            with contextlib.suppress(ssl.SSLWantReadError):
                self.tls.unwrap()
        self.to_inner += self.outgoing.read()

    def read_inner(self) -> None:
        """TLS, or the end of everything."""
        data = self.inner.recv(CHUNK)
        self.incoming.write(data)
        self.inner_ended = self.inner_ended or not data
        self.unwrap()

    def unwrap(self) -> None:
        """Take the text out of what has come."""
        try:
            if not self.is_open:
                self.tls.do_handshake()
                self.is_open = True
            while text := self.tls.read(CHUNK):
                self.to_client += text
            self.inner_ended = True  # Said in TLS.
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # The end of the stream, in one way or another.
            self.inner_ended = True
            self.to_inner = b""
            return
        self.to_inner += self.outgoing.read()

    def write(self, to_client: bool) -> None:
        """As much as is taken."""
        if to_client:
            self.to_client = self.to_client[self.client.send(self.to_client) :]
        else:
            self.to_inner = self.to_inner[self.inner.send(self.to_inner) :]


class Front(Server):
    """The server, with somebody in front of it."""

    front_port = 0

    async def start(self) -> None:
        """Listen on both ports. Raises OSError."""
        self.front = socket.create_server(("127.0.0.1", self.front_port), backlog=1000)
        self.outer: dict[tuple[str, int], tuple[str, int]] = {}
        self.carriers: list[threading.Thread] = []
        await super().start()
        self.context = ssl.create_default_context(cafile=self.tls_cert)
        self.is_over = False
        threading.Thread(target=self.let_in, daemon=True).start()

    async def stop(self) -> None:
        """End on both sides, the inner one first, so that all can be carried out."""
        self.is_over = True
        self.front.close()
        await super().stop()
        for carrier in self.carriers:
            carrier.join(PATIENCE)

    def receive(self, sock: socket.socket, peer: Sequence[Any]) -> None:
        """Let in whoever is carried by this connection."""
        super().receive(sock, self.outer.pop((peer[0], peer[1]), peer))

    def let_in(self) -> None:
        """Accept people one after another, so that who connects first joins first."""
        while not self.is_over:
            try:
                client, peer = self.front.accept()
            except OSError:  # No more files, for now.
                time.sleep(RETRY)
                continue
            carrier = Carrier(client, self.connect_for(client, peer), self.context)
            carrier.begin()
            self.carriers = [one for one in self.carriers if one.is_alive()]
            self.carriers.append(threading.Thread(target=carrier.carry, daemon=True))
            self.carriers[-1].start()

    def connect_for(self, client: socket.socket, peer: tuple[str, int]) -> socket.socket:
        """A connection to the server for this one, as soon as there is a file for it."""
        while True:
            try:
                inner = socket.socket()
                break
            except OSError:
                time.sleep(RETRY)
        inner.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        for sock in (client, inner):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        inner.bind(("127.0.0.1", 0))
        self.outer[inner.getsockname()] = peer
        inner.connect((self.host, self.port))
        return inner


def main() -> int:
    """Run `serve` on a port of its own, with somebody in front of it."""
    Front.front_port = int(sys.argv[1])
    program.Server = Front  # type: ignore[misc]
    return __main__.main(["serve", "--port", "0", *sys.argv[2:]])


if __name__ == "__main__":
    sys.exit(main())

"""Attackers, as a process of their own: `python -m benchmarks.attackers '{"attack": "who", ...}'`.

They come from addresses of their own (127.0.0.2 and on, which Linux has without being asked), do
one thing over and over, and end after so many seconds. What they may do is bounded: so many
connections, so many connects a second.
"""

import contextlib
import json
import os
import select
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

SEGMENT = 2**16  # Bytes that are given to the system at once.
PIECE = 2**16  # Bytes of one read.
CONNECTS = 2000  # A second, of all attackers together, at most.
NICE = 19  # They share a core with the ones who are measured, and must not be what is measured.
LONG = 4095  # Bytes of a longest line, without its newline.
LIGATURE = "\ufdfa"  # One character that NFKC makes 18 of.
MARKS = "\u0315\u0300\u05ae\u0316"  # In an order that normalisation has to change.


def client_hello() -> bytes:
    """What a TLS client says first."""
    says = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), says, server_hostname="x")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return says.read()


@dataclass(frozen=True)
class Attack:
    """What each connection does: it sends `payload`, again and again, as fast as it is taken.

    `room` is what is attacked: an open one, a closed one (by guests), or one over TLS.
    """

    name: str
    payload: bytes = b""
    segment: int = SEGMENT  # Bytes of one send.
    reads: bool = True  # Whether it takes what it is sent.
    comes_again: bool = False  # Whether it hangs up when the payload is sent, or is answered.
    crowd: int = 16  # Connections from each address: as many as the server lets in, or more.
    room: str = "open"


def texts(*lines: str) -> bytes:
    """Lines, as they are sent."""
    return "".join(f"{line}\n" for line in lines).encode()


WORK = {
    "longest lines": texts("x" * LONG),
    "control characters": texts("a\x01" * (LONG // 2)),
    "names that expand": texts(f"rename|{LIGATURE * 1360}", f"to|{LIGATURE * 1360}|x"),
    "names to reorder": texts(f"rename|a{MARKS * 500}", f"to|a{MARKS * 500}|x"),
    "short names that expand": texts(*[f"rename|{mark}{LIGATURE * 31}" for mark in "abcdefgh"]),
    "telnet: no operation": b"\xff\xf1" * 2**11,
    "telnet: offers, answered": b"\xff\xfd\x06" * 2**11,
    "telnet: text between": b"a\xff\xfd\x06" * 900 + b"\n",
    "empty lines": b"\n" * 2**12,
    "not UTF-8": b"\xff\n" * 2**11,
    "`who`": texts("who"),
    "private lines to nobody": texts("to|x|y"),
}
OPEN = (
    Attack("nobody", crowd=0),
    *[Attack(name, payload) for name, payload in WORK.items()],
    Attack("byte by byte", texts("x" * LONG), segment=1),
    Attack("reads nothing", texts("who"), reads=False),
    Attack("comes and goes", texts("hello"), comes_again=True),
    Attack("comes, is refused, comes again", crowd=64),
    Attack("is refused, and sends", texts("x" * LONG), crowd=64),
    Attack("a line that is too long, and on", b"x" * SEGMENT),
    Attack("half an HTTP request", b"GET /" + b"x" * 4000, comes_again=True),
    Attack("half a TLS hello", b"\x16", comes_again=True),
)
CLOSED = (
    Attack("nobody; a closed room", crowd=0, room="closed"),
    *[Attack(f"guest: {name}", payload, room="closed") for name, payload in WORK.items()],
    Attack("guest: byte by byte", texts("x" * LONG), segment=1, room="closed"),
    Attack("guest: comes and goes", texts("password"), comes_again=True, room="closed"),
)
TLS = (
    Attack("nobody; over TLS", crowd=0, room="tls"),
    Attack("TLS: hello, and gone", client_hello(), comes_again=True, room="tls"),
    Attack("TLS: hello, and waits", client_hello(), room="tls", crowd=64),
    Attack("TLS: rubbish", b"\x00" * 100, comes_again=True, room="tls"),
)
ATTACKS = {one.name: one for one in (*OPEN, *CLOSED, *TLS)}


class Attacker:
    """Somebody who has one connection after another, from one address."""

    def __init__(self, attack: Attack, address: str, port: int) -> None:
        self.attack = attack
        self.address = address
        self.port = port
        repeat = 1 if attack.comes_again else SEGMENT // max(len(attack.payload), 1) + 1
        self.payload = memoryview(attack.payload * repeat)
        self.at = 0

    def come(self) -> socket.socket:
        """Connect; it need not be done when this returns."""
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((self.address, 0))
        sock.connect_ex(("127.0.0.1", self.port))
        self.at = 0
        return sock

    def act(self, sock: socket.socket, event: int) -> bool:
        """Send and read what can be; whether the connection goes on."""
        try:
            if event & select.EPOLLIN and self.attack.reads and not sock.recv(PIECE):
                return False
            if event & select.EPOLLOUT and self.at < len(self.payload):
                end = min(self.at + self.attack.segment, len(self.payload))
                self.at += sock.send(self.payload[self.at : end])
        except BlockingIOError:
            return True
        except OSError:
            return False
        if self.at == len(self.payload):
            self.at = 0 if not self.attack.comes_again else self.at
        return not (self.attack.comes_again and event & select.EPOLLIN and self.at)

    @property
    def wants(self) -> int:
        """The events to wait for."""
        has_more = self.at < len(self.payload)
        return (select.EPOLLIN if self.attack.reads else 0) | (select.EPOLLOUT if has_more else 0)


class Crowd:
    """All attackers, each with one connection at a time."""

    def __init__(self, attackers: list[Attacker]) -> None:
        self.outside = list(attackers)
        self.inside: dict[int, tuple[Attacker, socket.socket]] = {}
        self.epoll = select.epoll()
        self.connects = 0
        self.most = len(attackers)  # Connects until now, at most.

    def attack(self, seconds: float) -> Iterator[int]:
        """Attack for so long; yields how often they have connected, whenever one does."""
        began = now = time.monotonic()
        while now < began + seconds:
            while self.outside and self.connects < self.most + CONNECTS * (now - began):
                self.come(self.outside.pop())
                yield self.connects
            for descriptor, event in self.epoll.poll(0.01):
                self.act(descriptor, event)
            now = time.monotonic()

    def come(self, one: Attacker) -> None:
        """One connects."""
        sock = one.come()
        self.inside[sock.fileno()] = one, sock
        self.epoll.register(sock.fileno(), one.wants)
        self.connects += 1

    def act(self, descriptor: int, event: int) -> None:
        """One may send or read, and hangs up if that was all."""
        one, sock = self.inside[descriptor]
        before = one.wants
        if not one.act(sock, event):
            self.epoll.unregister(descriptor)
            del self.inside[descriptor]
            sock.close()
            self.outside.insert(0, one)
        elif one.wants != before:
            self.epoll.modify(descriptor, one.wants)

    def close(self) -> None:
        """All hang up."""
        for _, sock in self.inside.values():
            sock.close()
        self.epoll.close()


def main() -> None:
    """Do what the argument says, and print how often they connected."""
    order = json.loads(sys.argv[1])
    os.nice(NICE)
    kind = ATTACKS[order["attack"]]
    attackers = [
        Attacker(kind, f"127.0.0.{2 + number}", order["port"])
        for number in range(order["addresses"])
        for _ in range(kind.crowd)
    ]
    crowd = Crowd(attackers)
    try:
        for _ in crowd.attack(order["seconds"]):
            pass
    finally:
        crowd.close()
    print(crowd.connects)


if __name__ == "__main__":
    main()

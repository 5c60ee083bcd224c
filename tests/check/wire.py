"""Both ends of a connection, for tests in which the test itself is the server."""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from stages import phrases
from stages.check.client import Client
from stages.check.transcript import Transcript

SHORT = 0.2  # Seconds; for waits that are meant to be in vain.
LONG = 10.0  # Seconds; for all others.

Accept = Callable[[], socket.socket]


@contextlib.contextmanager
def connected(patience: float = LONG) -> Iterator[tuple[Client, socket.socket]]:
    """Alice, and the server's end of her connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname(), LONG)
        far = listener.accept()[0]
    far.settimeout(LONG)
    with near, far:
        yield Client("alice", near, Transcript(), patience), far


@contextlib.contextmanager
def serving(script: Callable[[Accept], None]) -> Iterator[tuple[str, int]]:
    """A server in a thread; `script` is given a function that waits for the next person.

    All connections are closed when the script has ended; what it raises is raised here.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(LONG)

        def run() -> None:
            with contextlib.ExitStack() as people:

                def accept() -> socket.socket:
                    person = people.enter_context(listener.accept()[0])
                    person.settimeout(LONG)
                    return person

                script(accept)

        ended = pool.submit(run)
        yield listener.getsockname()
        ended.result(LONG)


def nobody_listens() -> tuple[str, int]:
    """An address at which connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address: tuple[str, int] = listener.getsockname()
    return address


def about(person: socket.socket, text: str) -> bytes:
    """The line that everyone reads about the person at the other end of a socket."""
    addr = "{}:{}".format(*person.getpeername())
    return phrases.SAID.format(addr=addr, name=addr, text=text).encode() + b"\n"


def reset(sock: socket.socket) -> None:
    """Close with a reset, as a program that is killed does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def received(sock: socket.socket) -> bytes:
    """All that comes until the other side ends its output."""
    data = b""
    while chunk := sock.recv(4096):
        data += chunk
    return data


def talk_for_ever(sock: socket.socket) -> None:
    """Say nothing in particular until the other side cuts the connection."""
    while True:
        sock.sendall(b"\n" * 4096)

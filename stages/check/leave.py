"""The end of a connection: leave as a user would, and see the server let go."""

import contextlib
import socket
import time

KEPT = 1 << 20  # Bytes of a last answer; what a server says beyond that is only counted as talk.


def leave(sock: socket.socket, patience: float) -> bytes:
    """End our input and read until the server closes; returns what it still said.

    Raises TimeoutError when it has not closed after `patience` seconds, however much it talks, and
    OSError when the connection is cut.
    """
    with contextlib.suppress(OSError):  # The server may be gone already: the reading tells.
        sock.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + patience
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        sock.settimeout(left)
        chunk = sock.recv(1 << 16)
        if not chunk:
            return said
        if len(said) < KEPT:
            said += chunk
    raise TimeoutError

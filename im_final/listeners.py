"""Sockets to listen on: by host and port, or from the service manager (systemd).

A rush of connections waits in the listen backlog until it is accepted, so that is long.
"""

import errno
import os
import socket
import time
from typing import Any

BACKLOG = 4096  # Linux cuts it to net.core.somaxconn, which is 4096 since 5.4.
NOT_HERE = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
PATIENCE = 3.0  # Seconds that the workers of one that was killed have to close the port.
RETRY = 0.05  # Seconds between two tries meanwhile.
FIRST_PASSED = 3  # The first descriptor that systemd passes (sd_listen_fds(3)).


def listen(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """A listening socket for each address of `host`, all on one port. Raises OSError.

    If they are `shared`, more can be made for the same port. Each that listens has its part of the
    connections; none does before it is told to.

    An address that this system cannot have, as one of IPv6 where that is switched off, is left out
    if there is another. Port 0 takes one that is free at every address.
    """
    chosen = port
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    for number, (family, _, _, _, address) in enumerate(found, 1):
        try:
            sockets.append(listen_on(family, (address[0], port, *address[2:]), shared=shared))
        except OSError as error:
            is_last_hope = number == len(found) and not sockets
            if error.errno not in NOT_HERE or is_last_hope:
                for sock in sockets:
                    sock.close()
                if chosen == 0 and sockets and error.errno == errno.EADDRINUSE:
                    return listen(host, 0, shared=shared)  # Another one, then.
                raise
        else:
            port = sockets[0].getsockname()[1]  # The others take what the first has got.
    return sockets


def listen_shared(host: str, port: int, count: int) -> list[list[socket.socket]]:
    """So many times the sockets of `listen`, among which the system shares out who connects.

    A program of the same user could share the port, too; so it is first taken for ourselves alone,
    which fails if somebody listens there. From then on somebody does, at every moment: us. That
    is why the first of the shared ones listens from here on. Raises OSError.
    """
    alone = listen_when_free(host, port)
    port = alone[0].getsockname()[1]
    try:
        for sock in alone:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared = [listen(host, port, shared=True) for _ in range(count)]
        for sock in shared[0]:
            sock.listen(BACKLOG)
    finally:
        for sock in alone:
            sock.close()
    return shared


def listen_when_free(host: str, port: int) -> list[socket.socket]:
    """The sockets of `listen`, if the port becomes free within PATIENCE. Raises OSError.

    The workers of a supervisor that was killed hear of that, and close the port, a moment later.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return listen(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
                raise
        time.sleep(RETRY)


def listen_on(family: int, address: tuple[Any, ...], *, shared: bool = False) -> socket.socket:
    """One socket, which listens unless it is shared. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # On Windows this would let another program take the port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(address)
        if not shared:
            sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def passed() -> list[socket.socket]:
    """The sockets that the service manager has opened for this process, if any."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    return [socket.socket(fileno=FIRST_PASSED + number) for number in range(count)]


def check(sock: socket.socket) -> None:
    """Make ready a listening socket that somebody else has opened. Raises ValueError."""
    is_tcp = sock.family in (socket.AF_INET, socket.AF_INET6) and sock.type == socket.SOCK_STREAM
    if not is_tcp or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ValueError("a socket that was passed does not listen for TCP; see ListenStream=")
    sock.setblocking(False)

"""Sockets to listen on: by host and port, or from the service manager (systemd).

A rush of connections waits in the listen backlog until it is accepted, so that is long.
"""

import os
import socket

BACKLOG = 4096  # Linux cuts it to net.core.somaxconn, which is 4096 since 5.4.
FIRST_PASSED = 3  # The first descriptor that systemd passes (sd_listen_fds(3)).


def listen(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of `host`, all on one port. Raises OSError."""
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            sock = socket.socket(family, kind, protocol)
            sockets.append(sock)
            if os.name == "posix":  # On Windows this would let another program take the port.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.setblocking(False)
            sock.bind((address[0], port, *address[2:]))
            sock.listen(BACKLOG)
            port = sock.getsockname()[1]  # The others take what the first has got.
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def passed() -> list[socket.socket]:
    """The listening sockets that the service manager has opened for this process, if any.

    Raises ValueError when one of them is not for TCP.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    sockets = [socket.socket(fileno=FIRST_PASSED + number) for number in range(count)]
    for sock in sockets:
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or sock.type != socket.SOCK_STREAM:
            raise ValueError("a socket that was passed is not for TCP; see ListenStream=")
        sock.setblocking(False)
    return sockets

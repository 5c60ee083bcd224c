"""Sockets for all addresses of a host, on one port."""

import errno
import socket
from typing import Any

import pytest

from im_final import listeners
from tests.im_final.children import LINUX


@LINUX  # Which has all of 127.0.0.0/8.
def test_a_port_that_is_taken_at_one_of_the_addresses_is_not_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = listeners.listen_on
    tried: list[int] = []
    made: list[socket.socket] = []

    def listen_on(family: int, address: tuple[Any, ...], **options: bool) -> socket.socket:
        tried.append(address[1])
        if len(tried) == 2:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        made.append(real(family, address, **options))
        return made[-1]

    here = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
    found = [(*here, (host, 0)) for host in ("127.0.0.1", "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(listeners, "listen_on", listen_on)
    sockets = listeners.listen("two", 0)
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    first, *rest = made
    assert first.fileno() == -1
    assert sockets == rest
    assert ports == [tried[3]] * 2
    assert tried == [0, tried[1], 0, ports[0]]


def test_a_port_that_was_asked_for_is_not_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listeners.listen("127.0.0.1", port)

"""Whether a peer takes what is written to it, as far as the system lets us see."""

import contextlib
import socket
import struct
import sys
from asyncio import Transport

BYTES_ACKED = struct.Struct("=120xQ")  # In Linux's `struct tcp_info`, since 4.1; see tcp(7).


def progress(transport: Transport) -> tuple[int, int]:
    """Two numbers, one of which is another when the peer has taken something.

    The first is what waits in the transport. That alone stands still for long while a slow peer
    reads what the system keeps for it: Linux takes more only when a third of its buffer, megabytes
    at times, is free. So the second is how many bytes the peer's system has acknowledged; it stays
    0 where nobody tells.
    """
    sock = transport.get_extra_info("socket")
    acknowledged = 0
    if sock and sys.platform == "linux":  # A transport that is lost may have none any more.
        with contextlib.suppress(OSError, struct.error):
            size = BYTES_ACKED.size
            told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size)
            (acknowledged,) = BYTES_ACKED.unpack(told)
    return transport.get_write_buffer_size(), acknowledged

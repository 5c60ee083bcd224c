"""What a service manager is told about us (sd_notify(3)): a datagram to the socket it names."""

import contextlib
import os
import socket

from im_final import phrases

READY = f"READY=1\nSTATUS={phrases.READY}"
STOPPING = "STOPPING=1"


def notify(state: str) -> None:
    """Tell the service manager, if there is one that wants to know."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        address = "\0" + path[1:] if path.startswith("@") else path  # @: an abstract socket.
        sock.connect(address)
        sock.sendall(state.encode())

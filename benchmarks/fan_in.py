"""What an entry of the room's stream costs Redis, by how many nodes read it.

The nodes are sockets here, each of which waits for the next entry (`XREAD BLOCK`), as a node does.
`benchmarks.cluster` calls this; the page about clusters calculates with it.
"""

import selectors
import socket
import time
from typing import TYPE_CHECKING, Any

from im_final.cluster.redis import SCRIPT

if TYPE_CHECKING:
    import redis

PREFIX = "im:{measured}"
LINE = b"1\n[192.0.2.1:50000]alice:" + b"x" * 64 + b"\n"
PIECE = 2**16


class Room:
    """A room in which one node says a line at a time, and `nodes` read."""

    def __init__(self, client: "redis.Redis", port: int, nodes: int) -> None:
        client.flushall()
        self.script = client.register_script(SCRIPT)
        self.call("enter", "writer", 60_000, 2**28, "run", 0, "chain", "", "")
        self.number = 1
        self.selector = selectors.DefaultSelector()
        self.sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(nodes)]
        for sock in self.sockets:
            self.selector.register(sock, selectors.EVENT_READ)
            self.wait_for_more(sock)

    def call(self, *words: Any) -> Any:
        """Have the script do something."""
        return self.script(keys=[PREFIX], args=words)

    def wait_for_more(self, sock: socket.socket) -> None:
        """A node asks for what comes after what it has."""
        last = f"{self.number}-0"
        words = ["XREAD", "COUNT", "64", "BLOCK", "60000", "STREAMS", f"{PREFIX}:log", last]
        sock.sendall(
            b"*%d\r\n" % len(words)
            + b"".join(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)
        )

    def say(self) -> None:
        """A line is said, and read by all."""
        self.call("turn", "writer", 60_000, 2**28, self.number, "say", LINE)
        self.number += 1
        waiting = dict.fromkeys(self.sockets, b"")
        while waiting:
            for key, _ in self.selector.select(1):
                sock = next(one for one in waiting if one is key.fileobj)
                waiting[sock] += sock.recv(PIECE)
                if waiting[sock].endswith(LINE + b"\r\n"):
                    del waiting[sock]
                    self.wait_for_more(sock)

    def close(self) -> None:
        """Hang up."""
        self.selector.close()
        for sock in self.sockets:
            sock.close()


def cost_of_an_entry(store: Any, nodes: int, seconds: float) -> float:
    """Seconds of Redis's processor time for a line that is said, and read by so many nodes."""
    room = Room(store.client, store.port, nodes)
    try:
        room.say()
        cpu, count, end = store.cpu(), 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            room.say()
            count += 1
        return float(store.cpu() - cpu) / count
    finally:
        room.close()

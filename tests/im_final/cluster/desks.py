"""Nodes without an event loop: they send and read when the test says so, to a real Redis."""

import secrets
from typing import TYPE_CHECKING, Any

from im_final.cluster.entries import Entry, read_private
from im_final.cluster.member import Member, SharedRoom
from im_final.cluster.redis import SCRIPT
from im_final.cluster.replica import Replica
from im_final.log import Log
from tests.im_final.core.readers import Reader

if TYPE_CHECKING:
    import redis

LEASE, KEEP, WINDOW = 60_000, 2**28, 0
RUN = "run"


class Person(Member):
    """Somebody at a desk, and what they hear."""

    def __init__(self, room: SharedRoom, addr: str) -> None:
        self.reader = Reader(room.log)
        super().__init__(room, self.reader.outbox, addr)

    def hears(self) -> list[str]:
        """The lines until now."""
        self.room.log.seal()
        self.reader.pump()
        return self.reader.read().decode().split("\n")[:-1]


class Desk:
    """A node."""

    def __init__(
        self, client: "redis.Redis", *, prefix: str = "im:{test}", script: str | bytes = SCRIPT
    ) -> None:
        self.client = client
        self.prefix = prefix
        self.script = client.register_script(script)
        self.room = SharedRoom(Log(), lambda: None, lambda: None)
        self.replica = Replica(self.room)
        self.node = self.replica.node = secrets.token_hex(4).encode()

    def call(self, what: str, *words: Any) -> list[Any]:
        """Have the script do something."""
        reply: list[Any] = self.script(keys=[self.prefix], args=[what, *words])
        return reply

    def enter(self) -> None:
        """Become a node of an empty room, or of one in which nobody is yet."""
        status, number, chain, origin, users, nodes = self.call(
            "enter", self.node, LEASE, KEEP, RUN, WINDOW, "founded", "", "1"
        )
        assert (status, users) == (b"ok", [])
        self.replica.number, self.replica.chain, self.replica.origin = int(number), chain, origin
        self.replica.nodes = dict.fromkeys(nodes[::2], 0)

    def send(self, *, times: int = 1) -> bool:
        """Send a batch, and that so often as if the replies were lost; whether there was one."""
        batch = self.room.outgoing.next(self.node)
        if batch is None:
            return False
        for _ in range(times):
            reply = self.call("turn", self.node, LEASE, KEEP, batch.sequence, *batch.words)
            assert reply[0] == b"ok"
        self.room.outgoing.acknowledged()
        return True

    def read(self, most: int | None = None) -> None:
        """Read what there is in the log, or so many entries."""
        for identity, fields in self.entries(f"{self.prefix}:log", self.replica.number)[:most]:
            entry = Entry.read(identity, fields)
            assert entry.follows(self.replica.number, self.replica.chain)
            private = self.entries(f"{self.prefix}:private:{self.node.decode()}", entry.number - 1)
            lines = [read_private(found, self.node) for at, found in private if at == identity]
            self.replica.apply(entry, *lines)

    def entries(self, key: str, after: int) -> list[Any]:
        """Entries of a stream, as Redis has them: a field may be there more than once."""
        connection = self.client.connection_pool.get_connection()
        try:
            connection.send_command("XRANGE", key, f"({after}-0", "+")
            found: list[Any] = connection.read_response()
        finally:
            self.client.connection_pool.release(connection)
        return found

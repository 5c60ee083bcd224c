"""What the room's stream comes to on this node: entries become the roster and the log. No I/O.

Every node reads the same entries in the same order, so every roster and every log is the same, up
to where its node has read. That is a replicated state machine (Schneider 1990), of which Redis has
the order and the decisions. So a node can also give Redis back what that has forgotten: the last
entries, which are kept here, and what all came to (`state`).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from im_final import phrases, wire
from im_final.cluster.entries import Entry, Known, Private, State
from im_final.cluster.member import Member, SharedRoom
from im_final.cluster.operations import Operation, line_about

if TYPE_CHECKING:
    from im_final.roster import Roster

TAIL = 2**20  # Bytes of memory that the entries take that are kept, at least.


class Elsewhere:
    """A user of another node."""

    __slots__ = ("addr", "name", "uid")

    def __init__(self, uid: bytes, addr: str, name: str) -> None:
        self.uid = uid
        self.addr = addr
        self.name = name


Anybody = Member | Elsewhere


class Replica:
    """The room as of entry `number`; none has been read yet while that is 0."""

    def __init__(self, room: SharedRoom) -> None:
        self.room = room
        self.roster: Roster[Anybody] = room.roster  # type: ignore[assignment]
        self.node = b""  # Who we are.
        self.is_gone = False  # We were taken for dead.
        self.has_diverged = False  # What was decided cannot happen here: the roster is another.
        self.number = 0
        self.chain = self.origin = b""
        self.anybody: dict[bytes, Anybody] = {}  # In the order of the roster.
        self.nodes: dict[bytes, int] = {}  # With the numbers of their last batches.
        self.outside: list[Member] = []  # Who is still here, and not in the room any more.
        self.private: Iterator[Private] = iter(())  # Of the entry that is happening.
        self.tail: deque[Entry] = deque()
        self.tail_size = 0

    def apply(self, entry: Entry, private: Sequence[Private] = ()) -> None:
        """Let the next entry happen. `private` are the lines for users here that belong to it."""
        batch = None
        if entry.node == self.node and entry.sequence is not None:
            batch = self.room.outgoing.seen(entry.sequence)
        parts: Iterator[Sequence[Operation]] = iter(batch.parts if batch else ())
        self.private = iter(private)
        for kind, value in entry.events:
            operations = next(parts, ())
            if kind in EVENTS:  # A newer node may know others.
                EVENTS[kind](self, value, operations)
            for operation in operations:
                operation.user.unsure -= operation.renames
                operation.tell(kind)
                self.room.outgoing.settle(operation)
        self.number, self.chain = entry.number, entry.chain
        if entry.sequence is not None:
            self.nodes[entry.node] = entry.sequence
        self._keep(entry)
        self.room.wake()

    # The events; each is given the operations of our own that it came from.

    def _say(self, value: bytes, _: Sequence[Operation]) -> None:
        count, lines = value.split(b"\n", 1)  # To count them here would take longer than to read.
        self.room.log.append(lines, int(count))

    def _say_as(self, value: bytes, _: Sequence[Operation]) -> None:
        uid, lines = value.split(b"\n", 1)
        if somebody := self.anybody.get(uid):
            lines = wire.prefixed(wire.prefix(somebody.addr, somebody.name), lines)
            self.room.log.append(lines, lines.count(b"\n"))

    def _join(self, value: bytes, operations: Sequence[Operation]) -> None:
        uid, addr, name, key = value.decode().split("\n")
        if name != addr and self.roster.holder(key) is not None:
            self.has_diverged = True
        somebody: Anybody = Elsewhere(uid.encode(), addr, name)
        for operation in operations:
            somebody = operation.user
            somebody.come_in(name)
        self.anybody[uid.encode()] = somebody
        self.roster.enter(somebody, key)
        self._announce(somebody, phrases.ONLINE)

    def _leave(self, uids: bytes, operations: Sequence[Operation]) -> None:
        for operation in operations:
            operation.user.depart()
        for uid in uids.split(b" "):
            somebody = self.anybody.pop(uid, None)
            if somebody is not None:
                if isinstance(somebody, Member) and not operations:
                    self.outside.append(somebody)
                self.roster.leave(somebody)
                self._announce(somebody, phrases.OFFLINE)

    def _rename(self, value: bytes, operations: Sequence[Operation]) -> None:
        uid, new, key = value.decode().split("\n")
        somebody = self.anybody.get(uid.encode())
        if somebody is None:
            self.has_diverged = True
            return
        old = somebody.name
        if not self.roster.rename(somebody, new, key):
            self.has_diverged = True
        if isinstance(somebody, Member):
            somebody.be_called(new)
        for operation in operations:
            operation.user.reply(phrases.RENAMED.format(old=old, new=new))

    def _tell(self, uid: bytes, _: Sequence[Operation]) -> None:
        target = self.anybody.get(uid)
        if isinstance(target, Member):
            line = next(self.private, None)
            if line is None or line.uid != uid:
                target.send_message(phrases.PRIVATE_LOST)
            else:
                target.send_message(phrases.PRIVATE.format(sender=line.sender, text=line.text))

    def _enter(self, node: bytes, _: Sequence[Operation]) -> None:
        self.nodes[node] = 0

    def _gone(self, node: bytes, _: Sequence[Operation]) -> None:
        if left := [uid for uid in self.anybody if uid.startswith(node + b".")]:
            self._leave(b" ".join(left), ())  # Redis did not know them any more.
        self.nodes.pop(node, None)
        self.is_gone |= node == self.node

    def _announce(self, somebody: Anybody, text: str) -> None:
        self.room.log.append(line_about(somebody.addr, somebody.name, text))

    # What is kept, to be given back.

    def _keep(self, entry: Entry) -> None:
        self.tail.append(entry)
        self.tail_size += entry.memory
        while self.tail_size - self.tail[0].memory > TAIL:
            self.tail_size -= self.tail.popleft().memory

    def has_dropped(self, number: int) -> bool:
        """Whether that entry is longer ago than all that are kept."""
        return not self.tail or number < self.tail[0].number

    def after(self, number: int, chain: bytes) -> list[Entry] | None:
        """The entries after that one, which was not dropped; None if we know another there."""
        entries = [entry for entry in self.tail if entry.number >= number]
        if not entries or (entries[0].number, entries[0].chain) != (number, chain):
            return None
        return entries[1:]

    def state(self) -> State:
        """What all entries have come to."""
        users = [
            Known(uid, one.addr, one.name, self.roster.key(one), self.roster.is_reachable(one))
            for uid, one in self.anybody.items()
        ]
        return State(self.number, self.chain, users, dict(self.nodes), self.origin)

    def start_again(self, state: State) -> None:
        """Go on from there, whatever was before: our own users are outside, if they were in."""
        self.outside += [one for one in self.anybody.values() if isinstance(one, Member)]
        self.roster.clear()
        self.anybody.clear()
        self.tail.clear()
        self.tail_size = 0
        self.has_diverged = False
        self.number, self.chain, self.nodes = state.number, state.chain, dict(state.nodes)
        self.origin = state.origin
        for user in state.users:
            somebody = self.anybody[user.uid] = Elsewhere(user.uid, user.addr, user.name)
            self.roster.enter(somebody, user.key, reachable=user.holds_name)


EVENTS: dict[bytes, Callable[[Replica, bytes, Sequence[Operation]], None]] = {
    b"say": Replica._say,
    b"as": Replica._say_as,
    b"join": Replica._join,
    b"leave": Replica._leave,
    b"none": Replica._leave,  # Redis did not know them; we may.
    b"rename": Replica._rename,
    b"told": Replica._tell,
    b"enter": Replica._enter,
    b"gone": Replica._gone,
}

"""What the room's stream comes to on this node: entries become the roster and the log. No I/O.

Every node reads the same entries in the same order, so every roster and every log is the same, up
to where its node has read. That is a replicated state machine (Schneider 1990), of which Redis has
the order and the decisions. So a node can also give Redis back what that has forgotten: the last
entries, which are kept here, and what all came to (`state`).
"""

from collections import deque
from collections.abc import Iterator, Sequence

from im_final import names, phrases, wire
from im_final.cluster.entries import Entry, Known, Private, State
from im_final.cluster.member import Member, SharedRoom
from im_final.cluster.outgoing import Batch, Operation, prefixed
from im_final.roster import Roster

TAIL = 2**20  # Bytes of entries that are kept, at least.


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
        self.number = 0
        self.chain = b""
        self.anybody: dict[bytes, Anybody] = {}
        self.nodes: dict[bytes, int] = {}  # With the numbers of their last batches.
        self.outside: list[Member] = []  # Who is still here, and not in the room any more.
        self.tail: deque[Entry] = deque()
        self.tail_size = 0

    def apply(self, entry: Entry, private: Sequence[Private] | None = ()) -> None:
        """Let the next entry happen. `private` are its lines for users here; None if lost."""
        batch = None
        if entry.node == self.node and entry.sequence is not None:
            batch = self.room.outgoing.seen(entry.sequence)
        parts: Iterator[Sequence[Operation]] = iter(batch.parts if batch else ())
        lines = None if private is None else iter(private)
        for kind, value in entry.events:
            operations = next(parts, ())
            self._happen(kind, value, operations, lines)
            for operation in operations:
                operation.user.is_told(operation, kind)
                self.room.outgoing.settle(operation)
        self.number, self.chain = entry.number, entry.chain
        if entry.sequence is not None:
            self.nodes[entry.node] = entry.sequence
        self._keep(entry)
        self.room.wake()

    def _happen(
        self,
        kind: bytes,
        value: bytes,
        operations: Sequence[Operation],
        private: Iterator[Private] | None,
    ) -> None:
        match kind:
            case b"say":
                self.room.log.append(value, value.count(b"\n"))
            case b"as":
                self._say(*value.split(b"\n", 1))
            case b"join":
                self._join(*value.split(b"\n"), operations)
            case b"leave":
                for uid in value.split(b" "):
                    self._leave(uid, operations)
            case b"none":  # That one had not come in, or is gone already.
                for operation in operations:
                    operation.user.depart()
            case b"rename":
                self._rename(*value.split(b"\n"), operations)
            case b"taken":
                for operation in operations:
                    operation.user.unsure -= 1
            case b"told":
                self._tell(value, private)
            case b"enter":
                self.nodes[value] = 0
            case b"gone":
                self.nodes.pop(value, None)
                self.is_gone |= value == self.node

    def _line(self, somebody: Anybody, text: str) -> None:
        line = phrases.SAID.format(addr=somebody.addr, name=somebody.name, text=text)
        self.room.log.append(wire.encode(line))

    def _say(self, uid: bytes, lines: bytes) -> None:
        if somebody := self.anybody.get(uid):
            said = prefixed(wire.prefix(somebody.addr, somebody.name), lines)
            self.room.log.append(said, lines.count(b"\n"))

    def _join(
        self, uid: bytes, addr: bytes, called: bytes, operations: Sequence[Operation]
    ) -> None:
        name = called.decode()
        somebody: Anybody = Elsewhere(uid, addr.decode(), name)
        for operation in operations:
            somebody = operation.user
            somebody.unsure -= operation.name != somebody.addr
            somebody.come_in(name)
        self.anybody[uid] = somebody
        self.roster.enter(somebody)
        self._line(somebody, phrases.ONLINE)

    def _leave(self, uid: bytes, operations: Sequence[Operation]) -> None:
        somebody = self.anybody.pop(uid, None)
        if somebody is None:
            return
        if operations:
            for operation in operations:
                operation.user.depart()
        elif isinstance(somebody, Member):
            self.outside.append(somebody)
        self.roster.leave(somebody)
        self._line(somebody, phrases.OFFLINE)

    def _rename(self, uid: bytes, called: bytes, operations: Sequence[Operation]) -> None:
        somebody = self.anybody.get(uid)
        if somebody is None:
            return
        old, new = somebody.name, called.decode()
        self.roster.rename(somebody, new)
        if isinstance(somebody, Member):
            somebody.be_called(new)
        for operation in operations:
            operation.user.unsure -= 1
            operation.user.outbox.answer(
                wire.encode(phrases.RENAMED.format(old=old, new=new))
            )

    def _tell(self, uid: bytes, private: Iterator[Private] | None) -> None:
        target = self.anybody.get(uid)
        if not isinstance(target, Member):
            return
        line = next(private, None) if private else None
        if line is None or line.uid != uid:
            target.send_message(phrases.PRIVATE_LOST)
        else:
            target.send_message(phrases.PRIVATE.format(sender=line.sender, text=line.text))

    # What is kept, to be given back.

    def _keep(self, entry: Entry) -> None:
        self.tail.append(entry)
        self.tail_size += entry.size
        while self.tail_size - self.tail[0].size > TAIL:
            self.tail_size -= self.tail.popleft().size

    def after(self, number: int, chain: bytes) -> list[Entry] | None:
        """The entries after that one; None if we do not know it, or have not kept them all.

        After none at all (number 0), they are all that we have kept.
        """
        if number == 0:
            return list(self.tail)
        entries = [entry for entry in self.tail if entry.number >= number]
        if not entries or (entries[0].number, entries[0].chain) != (number, chain):
            return None
        return entries[1:]

    def state(self) -> State:
        """What all entries have come to."""
        uids = {somebody: uid for uid, somebody in self.anybody.items()}
        users = [
            Known(uids[one], one.addr, one.name, self.roster.find(one.name) is one)
            for one in self.roster
        ]
        return State(self.number, self.chain, users, dict(self.nodes))

    def start_again(self, state: State) -> None:
        """Go on from there, whatever was before: our own users are outside, if they were in."""
        self.outside += [one for one in self.anybody.values() if isinstance(one, Member)]
        self.roster.clear()
        self.anybody.clear()
        self.tail.clear()
        self.tail_size = 0
        self.number, self.chain, self.nodes = state.number, state.chain, dict(state.nodes)
        for user in state.users:
            somebody = self.anybody[user.uid] = Elsewhere(user.uid, user.addr, user.name)
            self.roster.enter(somebody)

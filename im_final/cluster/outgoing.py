"""What this node has to say: operations that wait, and batches of them on their way. No I/O.

    ask, say ─▶ waiting ─▶ next: a batch ─▶ flying ─▶ acknowledged
                              │                          (by the script's reply)
                              └──▶ unseen ─────────────▶ seen
                                                         (as an entry of the stream)

One batch is flying at a time, and all that is asked meanwhile is in the next. So a slow Redis has
larger batches, not more of them (as Nagle's algorithm has with segments, RFC 896).

A batch is only forgotten when the node has read it in the stream: that is when its outcome is
known, whatever became of the reply. Until then it may have to be sent again: if the reply was lost,
and even if it came, as Redis may have lost what it had. It has the same number then, and Redis does
not do the same number twice.

What waits is bounded. An operation has a cost, which counts as an unread answer of its user
(`Outbox.answers`) until its outcome is known. So one who says or asks a lot is not heard for a
while, and pays for it alone; who waits for Redis to come back waits in their own socket.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from im_final.cluster.operations import SMALL, UNSENT, Operation, Say
from im_final.outbox import FULL

if TYPE_CHECKING:
    from im_final.cluster.member import Member

BATCH = 2**18  # Bytes from which on a batch is closed.
LINES = 2**16  # Bytes of one user's lines from which on more are an operation of their own.
EVENTS = 1000  # In a batch; Lua's `unpack` takes 8,000 values, and an event is two.
HELD = 2**24  # Cost held on a node (64 MiB of chat), beyond which each user may ask once more only.
SHARE = 4  # Bytes of chat that count as one of an answer: so a user may have 256 KiB on the way.
SAY = b"say"


class Batch:
    """What one call of the script does. `parts` are the operations behind each event."""

    __slots__ = ("count", "parts", "said", "sequence", "size", "words")

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self.words: list[bytes] = []
        self.parts: list[list[Operation]] = []
        self.said: list[bytes] = []  # The lines of the last event, if they are not in `words` yet,
        self.count = 0  # and how many they are.
        self.size = 0

    def add(self, operation: Operation, node: bytes) -> None:
        """One more; what people just say one after another is one event."""
        words = operation.words(node)
        operation.user.unsure += operation.renames
        self.size += sum(map(len, words))
        is_said = words[0] == SAY
        if is_said and self.said:
            self.parts[-1].append(operation)
        else:
            self.close()
            self.parts.append([operation])
        if is_said:
            self.said.append(words[1])
            self.count += operation.count
        else:
            self.words += words
        if operation.then:  # Which is told before what is said next.
            self.close()

    def close(self) -> None:
        """Nothing more is said in the last event."""
        if self.said:
            self.words += [SAY, b"".join([b"%d\n" % self.count, *self.said])]
            self.said.clear()
            self.count = 0

    def operations(self) -> Iterable[Operation]:
        """All of them, in order."""
        return (operation for part in self.parts for operation in part)


class Outgoing:
    """The operations of a node. `wake` is called when there is something to send."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.waiting: deque[Operation] = deque()
        self.flying: deque[Batch] = deque()  # The first is the one that is sent now.
        self.unseen: dict[int, Batch] = {}
        self.sequence = 0
        self.held = 0  # The cost of all of which the outcome is not known.

    @property
    def is_empty(self) -> bool:
        """Whether the outcome of everything is known."""
        return not self.waiting and not self.unseen

    def on_the_way(self) -> list[Operation]:
        """What was sent, perhaps in vain, and has not been seen."""
        return [one for batch in self.unseen.values() for one in batch.operations()]

    def ask(self, operation: Operation) -> None:
        """Something to decide; its user hears nothing of what they ask later before."""
        user = operation.user
        if self.held > HELD:
            operation.toll = FULL
        user.outbox.answers += operation.cost + operation.toll
        self.held += operation.cost
        user.last = operation
        self.waiting.append(operation)
        self.wake()

    def say(self, user: "Member", lines: bytes, count: int) -> None:
        """Complete lines to say; they join what the user has just said."""
        cost = (len(lines) + count * len(user.prefix)) // SHARE + 1
        last = self.waiting[-1] if self.waiting else None
        if (
            last is not None
            and last is user.last
            and isinstance(last, Say)
            and last.cost < LINES // SHARE
            and not last.then
        ):
            last.lines += lines
            last.count += count
            last.cost += cost
            user.outbox.answers += cost
            self.held += cost
        else:
            self.ask(Say(user, lines, count, SMALL + cost))

    def answer_after(self, operation: Operation, answer: bytes) -> None:
        """Tell its user that after its outcome; until then this costs what an answer does."""
        operation.then.append(answer)
        operation.cost += len(answer)
        operation.user.outbox.answers += len(answer)
        self.held += len(answer)

    def next(self, node: bytes) -> Batch | None:
        """The batch to send now: one that was not acknowledged, or else a new one."""
        if not self.flying and self.waiting:
            self.sequence += 1
            batch = Batch(self.sequence)
            while self.waiting and batch.size < BATCH and len(batch.parts) < EVENTS:
                batch.add(self.waiting.popleft(), node)
            batch.close()
            self.unseen[batch.sequence] = batch
            self.flying.append(batch)
        return self.flying[0] if self.flying else None

    def acknowledged(self) -> None:
        """The batch that was sent has arrived."""
        self.flying.popleft()

    def send_again(self) -> None:
        """The connection was lost, and perhaps what Redis had: send all that was not seen."""
        self.flying = deque(self.unseen.values())

    def seen(self, sequence: int) -> Batch | None:
        """The batch of that number, which was read in the stream."""
        return self.unseen.pop(sequence, None)

    def settle(self, operation: Operation) -> None:
        """The outcome of an operation is known, and told; tell what was to be told after it."""
        user = operation.user
        user.outbox.answers -= operation.cost + operation.toll
        self.held -= operation.cost
        if user.last is operation:
            user.last = None
        for answer in operation.then:
            user.outbox.answer(answer)
        user.outbox.owner.write_first()  # Who has asked or spoken waits to see it.

    def forget(self, users: Collection["Member"]) -> None:
        """Nothing that waits of these users' is asked for any more."""
        theirs = [one for one in self.waiting if one.user in users]
        self.waiting = deque(one for one in self.waiting if one.user not in users)
        for operation in theirs:
            if isinstance(operation, UNSENT):
                operation.user.is_not_heard()
            self.settle(operation)

    def start_again(self, keep: Callable[[Operation], bool]) -> None:
        """What is not seen will never be: ask again for what is to be kept, before all else."""
        lost = self.on_the_way()
        self.sequence = 0
        self.flying.clear()
        self.unseen.clear()
        for operation in lost:
            operation.user.unsure = 0
            if not keep(operation):
                self.settle(operation)
        self.waiting.extendleft(reversed([one for one in lost if keep(one)]))

    def first(self, operations: Iterable[Operation]) -> None:
        """Ask for these before all that waits."""
        operations = list(operations)
        for operation in operations:
            operation.user.outbox.answers += operation.cost
            self.held += operation.cost
            operation.user.last = operation.user.last or operation
        self.waiting.extendleft(reversed(operations))
        self.wake()

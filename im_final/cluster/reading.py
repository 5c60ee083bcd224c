"""Reading the room's stream, from the entry after the last one that was read.

How many entries a reply has is said before it is known how large they are, and Redis ends a
connection whose reply is larger than its `client-output-buffer-limit`. So a reply has at most twice
as many as the one before (as in the slow start of TCP, RFC 5681), and not many more bytes than
`AT_ONCE`, as far as can be told from those that came last. Where even that was too much, it is half
of that, until all has been read.

Private lines come in a stream of the node's own, and each belongs to an entry of the log. They are
there before it is, so it is rare that they have to be asked for.
"""

import asyncio
from collections.abc import Iterable, Sequence

from im_final.cluster.entries import Entry, Private, read_private
from im_final.cluster.member import Member
from im_final.cluster.redis import Raw, Redis
from im_final.cluster.replica import Replica

COUNT = 64  # Entries in one reply, at most.
AT_ONCE, AT_LEAST = 2**19, 2**16  # Bytes in one reply, about, and where that is too much.
BACKLOG = 2**20  # Bytes that a reader may be owed, unless fewer are allowed. Of these:
BREATH = 1 / 8  # After so much of the log the readers get theirs before more is applied.
MUCH, LITTLE = 1 / 4, 1 / 8  # So much in full replies is more than a moment brings, or less.
LATE = 1 / 2  # A reader who is owed more is waited for while catching up...
MERCY = 5.0  # ...for so many seconds in all...
GRACE = 0.25  # ...and so many for one who takes too little...
PACE = 0.01  # ...of which each look at them takes so many.


class Astray(Exception):
    """What Redis has is not what we know: find the place again."""


class Reading:
    """Brings what is in the stream into a replica; who reads here may be owed `max_backlog`."""

    def __init__(self, replica: Replica, max_backlog: int) -> None:
        self.replica = replica
        self.max_backlog = max_backlog
        self.backlog = min(max_backlog, BACKLOG)
        self.private: dict[int, list[Private]] = {}  # By number of the entry they belong to.
        self.private_after = "0"  # Id of the last of their stream that was read.
        self.count = 1  # Entries to ask for.
        self.at_once = AT_ONCE
        self.is_asking = False
        self.streak = (0, 0)  # Entries and bytes that came in full replies, one after the other.
        self.is_late = False  # There is much to catch up with.
        self.mercy = MERCY  # What is left of it.
        self.grace: dict[Member, float] = {}  # What is left of it, for whom we wait.

    def start_again(self) -> None:
        """From here on we are another node."""
        self.private.clear()
        self.private_after = "0"

    def go_back(self) -> None:
        """Begin to read on another connection.

        Private lines that are ahead of the log go: Redis may have lost what they came with. If the
        last connection was lost while there was more to read, less is asked for from now on.
        """
        self.private.clear()
        self.private_after = f"{self.replica.number}-0"
        if self.is_asking and self.streak[0] > 0:
            self.at_once = max(self.at_once // 2, AT_LEAST)
        self.count, self.streak, self.is_asking = 1, (0, 0), False

    async def try_out(self, redis: Redis) -> None:
        """See that the stream can be read; what is in it comes later. Raises one of `Away`."""
        await redis.read({"log": f"{self.replica.number}-0"}, 1)

    async def read_some(self, redis: Redis, block: int | None = None) -> bool:
        """Read and apply the next entries; whether there were any. Raises Astray."""
        private, number = f"private:{self.replica.node.decode()}", self.replica.number
        self.is_asking = True
        found = await redis.read(
            {"log": f"{number}-0", private: self.private_after}, self.count, block
        )
        self.is_asking = False
        self.keep_private(found.get(private, ()))
        entries, log = found.get("log", []), self.replica.room.log
        told = log.end
        self.weigh([sum(map(len, fields)) for _, fields in entries])
        for identity, fields in entries:
            try:
                entry = Entry.read(identity, fields)
            except ValueError:  # Another program has written it.
                raise Astray from None
            if not entry.follows(self.replica.number, self.replica.chain):
                raise Astray
            if log.end - told + entry.size > BREATH * self.backlog:
                told = log.end
                await asyncio.sleep(0)
                if self.is_late:
                    await self.wait_for_readers(entry.size)
            if entry.tells(self.replica.node):
                await self.read_private_of(entry, redis)
            self.replica.apply(entry, self.private.pop(entry.number, ()))
            if self.replica.has_diverged:
                raise Astray
            if self.replica.is_gone:
                break
        return bool(entries)

    async def read_private_of(self, entry: Entry, redis: Redis) -> None:
        """Read private lines until those of this entry have come, if they are still there."""
        private = f"private:{self.replica.node.decode()}"
        while int(self.private_after.partition("-")[0]) < entry.number:
            found = await redis.read({private: self.private_after}, self.count)
            if not found:
                return
            self.keep_private(found[private])

    def weigh(self, sizes: Sequence[int]) -> None:
        """Decide how much to ask for next, after a reply of entries of these sizes."""
        entries, size = self.streak
        self.streak = (entries + len(sizes), size + sum(sizes))
        self.see_if_late(*self.streak)
        if len(sizes) < self.count:  # All has been read.
            self.streak = (0, 0)
        if not sizes:  # Nothing has been said for a while.
            self.at_once = AT_ONCE
        most = self.at_once // max([1, *sizes])  # Another program may add entries of no size.
        self.count = max(1, min(2 * len(sizes), most, COUNT))

    def see_if_late(self, count: int, size: int) -> None:
        """Much in full replies is a sign that we have to catch up; we do until little comes."""
        if not self.is_late and (count >= COUNT or size > MUCH * self.backlog):
            self.is_late, self.mercy = True, MERCY
            people = self.replica.room.people
            self.grace = {one: GRACE for one in people if one.outbox.owed <= LATE * self.backlog}
        elif size < LITTLE * self.backlog and count < COUNT:
            self.is_late, self.grace = False, {}

    async def wait_for_readers(self, size: int) -> None:
        """This node has to catch up with much: who reads here shall not be dropped for that.

        The next entry has that `size`, and there has to be room for it.

        That is for those who could follow before, and can now. Who takes nothing, has come since
        or has hung up must not keep the room from all others.
        """
        for one in self.grace:
            if self.grace[one] > 0:
                self.grace[one] = GRACE
        most = min(LATE * self.backlog, max(self.max_backlog - size, 0))
        while self.mercy > 0 and (late := self.late_readers(most)):
            for one in late:
                self.grace[one] -= PACE
            self.mercy -= PACE
            await asyncio.sleep(PACE)

    def late_readers(self, most: float) -> list[Member]:
        """Who is waited for at this moment: who is owed more than that."""
        return [
            one
            for one, grace in self.grace.items()
            if grace > 0 and one.farewell is None and one.outbox.owed > most
        ]

    def keep_private(self, entries: Iterable[Raw]) -> None:
        """Keep private lines until the entry comes that they belong to. Raises Astray."""
        for identity, fields in entries:
            try:
                lines = read_private(fields, self.replica.node)
            except ValueError:  # Another program has written it.
                raise Astray from None
            self.private[int(identity.partition(b"-")[0])] = lines
            self.private_after = identity.decode()

"""Finding a node's place: which node it is, and up to where it has read. See `link.py`."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from im_final import phrases
from im_final.cluster.entries import Known, State, words_about
from im_final.cluster.operations import UNSENT, Join
from im_final.cluster.reading import Astray, Reading
from im_final.cluster.redis import Redis, Word
from im_final.cluster.replica import Replica

log = logging.getLogger("im_final")


@dataclass(frozen=True)
class Terms:
    """What all nodes of a room keep to. Times are seconds, `keep` is bytes; see `Link`."""

    heartbeat: float
    lease: float
    keep: int

    @property
    def lease_ms(self) -> int:
        """The lease, in milliseconds."""
        return int(1000 * self.lease)

    @property
    def window_ms(self) -> int:
        """How long a Redis that was started anew waits for those who may know more, at most."""
        return int(2000 * self.heartbeat)

    async def settle(self, at_most: int) -> None:
        """Wait for others to come back: so many milliseconds, or until it is time to look again."""
        await asyncio.sleep(min(at_most / 1000, self.heartbeat / 8))


class Place:
    """Which node we are, in which log."""

    def __init__(self, terms: Terms, replica: Replica, reading: Reading) -> None:
        self.terms = terms
        self.replica = replica
        self.room = replica.room
        self.reading = reading
        self.burials = 0  # How often we were taken for dead.

    async def find(self, writer: Redis, reader: Redis) -> None:
        """Find it. Raises Astray when that has to be tried again, and one of `Away`."""
        self.reading.go_back()
        knows = self.replica.number and not self.replica.has_diverged
        status, *more = await self.resume(writer) if knows else (b"lost",)
        if status == b"behind":
            await self.give_back(writer, int(more[0]), more[1])
        while status == b"buried" and not self.replica.is_gone:
            if not await self.reading.read_some(reader):
                status = b"lost"
        if status == b"buried":
            await self.come_again(writer)
        elif status != b"ok":
            await self.come_anew(writer)

    async def resume(self, redis: Redis) -> Sequence[Any]:
        """Ask whether we can go on."""
        return await redis.script(
            "resume", self.replica.node, self.terms.lease_ms, redis.run, self.terms.window_ms,
            self.replica.number, self.replica.chain,
        )  # fmt: skip

    async def enter(self, redis: Redis, *, snapshot: bool) -> list[Any]:
        """Become a new node; returns what there is to know, if that is asked for."""
        node = secrets.token_hex(6).encode()
        chain = secrets.token_hex(8)
        while True:
            status, *more = await redis.script(
                "enter", node, self.terms.lease_ms, self.terms.keep, redis.run,
                self.terms.window_ms, chain, self.replica.node, "1" * snapshot,
            )  # fmt: skip
            if status == b"ok":
                break
            await self.terms.settle(more[0])
        self.replica.node = node
        self.replica.is_gone = False
        self.reading.start_again()
        return more

    async def come_again(self, redis: Redis) -> None:
        """We were taken for dead, and know all since: our users come in again."""
        await self.enter(redis, snapshot=False)
        self.burials += 1
        log.warning("this node was silent for too long, and taken for dead; its users come again")
        self.room.outgoing.start_again(lambda _: True)
        self.bring_in()

    async def come_anew(self, redis: Redis) -> None:
        """We know nothing of the log that there is; what was on its way may be lost."""
        number, chain, origin, users, nodes = await self.enter(redis, snapshot=True)
        known = [
            Known(uid, addr.decode(), name.decode(), key.decode(), is_theirs == b"1")
            for uid, addr, name, key, is_theirs in zip(*[iter(users)] * 5, strict=True)
        ]
        counts = map(int, nodes[1::2])
        sequences = dict(zip(nodes[::2], counts, strict=True))
        state = State(int(number), chain, known, sequences, origin)
        for operation in self.room.outgoing.on_the_way():
            if isinstance(operation, UNSENT):
                operation.user.is_not_heard()
        self.room.outgoing.start_again(lambda operation: not isinstance(operation, UNSENT))
        has_diverged = self.replica.has_diverged
        self.replica.start_again(state)
        if has_diverged:
            log.error("this node had come to another roster than Redis; its users come again")
        elif self.replica.outside:
            log.warning("the room went on without this node; its users come again")
        for member in self.replica.outside:
            member.send_message(phrases.MISSED)
        self.bring_in()

    def bring_in(self) -> None:
        """Our users who are outside ask to come in, under their names; before all that waits.

        Who was about to leave has left with our old node.
        """
        outside, self.replica.outside = self.replica.outside, []
        gone = {member for member in outside if member.farewell is not None}
        self.room.outgoing.forget(gone)
        for member in outside:
            if member in gone:
                member.depart()
        stay = [member for member in outside if member not in gone]
        self.room.outgoing.first([Join(member, member.name) for member in stay])

    async def give_back(self, redis: Redis, number: int, chain: bytes) -> None:
        """Redis knows less than we do: tell it, if what it knows is part of that.

        Raises Astray if the place has to be found again now; else there is nothing to be given.
        """
        is_whole = self.replica.has_dropped(number)
        entries = self.replica.tail if is_whole else self.replica.after(number, chain)
        if entries is None:
            return
        state = self.replica.state()
        words: list[Word] = []
        for entry in entries:
            words += [entry.number, len(entry.fields), *entry.fields]
        for node, sequence in state.nodes.items():
            words += [node, sequence]
        [status] = await redis.script(
            "offer", self.replica.node, self.terms.lease_ms, self.terms.keep, redis.run,
            self.terms.window_ms, number, chain, state.number, state.chain, state.origin,
            "1" * is_whole, words_about(state.users), len(entries), len(state.nodes), *words,
        )  # fmt: skip
        if status == b"lost":
            return
        if status == b"ok":
            log.warning("Redis had lost entries; it has been given those that are known here")
        raise Astray

    async def compare(self, redis: Redis, number: int, users: int, names: int) -> None:
        """See that Redis had so many users and names after that entry, or tell it who there is.

        Where we have not read just as far, there is a next time. Raises one of `Away`.
        """
        replica = self.replica
        known = (len(replica.anybody), replica.roster.reachable)
        if number != replica.number or replica.has_diverged or known == (users, names):
            return
        state = replica.state()
        [status] = await redis.script(
            "mend", replica.node, self.terms.lease_ms, self.terms.keep,
            number, state.chain, words_about(state.users),
        )  # fmt: skip
        if status == b"ok":
            log.warning("Redis had lost users or names of the room; it was told who is there")

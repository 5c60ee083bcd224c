"""The link between a node and the others: connect, find the place in the log, write and read.

    away ──connected──▶ entering ──place found──▶ up ──any trouble──▶ away
                           │
          resume: ok ──────┴▶ read on, from the entry after the last one that was read
                  buried ──▶ read on up to our own end, then come in as a new node
                  behind ──▶ Redis has forgotten what we know: give it back, then as above
                  lost ────▶ the log went on without us: come in as a new node, and see all anew

Two connections, as one that waits for entries (`XREAD BLOCK`) can do nothing else meanwhile. If
either has trouble, both are made anew: to hear nothing is as bad as to be heard by nobody.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from im_final import names, phrases
from im_final.cluster.entries import Entry, Known, Private, State, read_private
from im_final.cluster.member import SharedRoom
from im_final.cluster.operations import Join, Say, Tell
from im_final.cluster.redis import Away, Redis, Word
from im_final.cluster.replica import Replica
from im_final.log import Log
from im_final.statistics import LinkStatistics

COUNT = 64  # Entries in one reply to a read.
BREATH = 2**17  # Bytes of log after which the readers get theirs before more is applied.
FIRST_PAUSE = 0.02  # Seconds before the second try to connect; each further one is twice as long.
UNSENT = (Say, Tell)  # What a user would miss.

log = logging.getLogger("im_final")


class Astray(Exception):
    """What Redis has is not what we know: find the place again."""


class Link:
    """A backplane in the Redis at `url`. Nodes that name the same `room` are in one.

    Times are seconds. A node renews its lease with every `heartbeat` and every batch; when the
    lease is over, the others take it for dead. `keep` is how many entries Redis keeps. Raises
    ValueError for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        room: str = "lobby",
        *,
        heartbeat: float = 2.0,
        lease: float = 8.0,
        keep: int = 4096,
    ) -> None:
        self.url = url
        self.prefix = f"im:{{{room}}}"
        self.heartbeat = heartbeat
        self.lease = lease
        self.keep = keep
        self.window = 2 * heartbeat  # In which all come back after Redis has been started anew.
        self.patience = lease / 2  # For any call.
        self.room: SharedRoom
        self.replica: Replica
        self.node = b""
        self.state = "entering"
        self.work = asyncio.Event()  # There may be something to send.
        self.emptied = asyncio.Event()  # Nothing is on its way.
        self.private: dict[int, list[Private]] = {}  # By number of the entry they belong to.
        self.private_after = "0"  # Id of the last of their stream that was read.
        self.run_id = b""
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.Handle | None = None
        self.head = 0
        self.round_trip = 0.0
        self.nodes = 0
        self.sessions = 0
        self.burials = 0
        Redis(url, self.prefix, 0)  # Raises ValueError.

    def open(self, chat: Log, wake: Callable[[], None]) -> SharedRoom:
        """The room that this feeds."""
        self.room = SharedRoom(chat, wake, self.work.set)
        self.replica = Replica(self.room)
        return self.room

    def statistics(self) -> LinkStatistics:
        """How it does."""
        outgoing = self.room.outgoing
        return LinkStatistics(
            state=self.state,
            entries_behind=max(self.head - self.replica.number, 0),
            round_trip=self.round_trip,
            operations_waiting=len(outgoing.waiting),
            bytes_held=outgoing.held,
            nodes=self.nodes,
            sessions=self.sessions,
            burials=self.burials,
        )

    # Its life.

    async def start(self) -> None:
        """Begin; whoever comes before the place is found waits, and is told if that takes long."""
        self.timer = asyncio.get_running_loop().call_later(self.heartbeat, self.tell_away)
        self.task = asyncio.create_task(self.run())

    async def stop(self, within: float) -> None:
        """Bring out what was said, in so many seconds at most; then all here leave at once."""
        outgoing = self.room.outgoing
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.state == "up" and not outgoing.is_empty:
                    self.emptied.clear()
                    await self.emptied.wait()
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        if self.timer:
            self.timer.cancel()
        for operation in outgoing.all():
            if isinstance(operation, UNSENT):
                operation.user.is_not_heard()
        for member in list(self.room.people):
            member.depart()
        with suppress(*Away):
            async with asyncio.timeout(within):
                await self.retire()

    async def retire(self) -> None:
        """Tell the others that this node ends."""
        redis = Redis(self.url, self.prefix, self.patience)
        try:
            await redis.open()
            await redis.script("retire", self.node, self.keep)
        finally:
            await redis.close()

    async def run(self) -> None:
        """Keep the link up, for ever."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.session()
            except Astray:
                pause = FIRST_PAUSE
            except Away as error:
                if self.state == "up":
                    pause = FIRST_PAUSE
                self.is_away(error)
            except Exception:
                log.exception("a bug ended the link to the other nodes; it is made anew")
            await asyncio.sleep(pause)
            pause = min(2 * pause, self.heartbeat / 8)

    async def session(self) -> None:
        """Connect, and go on until there is trouble. Raises one of `Away`, and Astray."""
        self.sessions += 1
        writer = Redis(self.url, self.prefix, self.patience)
        reader = Redis(self.url, self.prefix, self.patience)
        try:
            self.run_id = await writer.open()
            await reader.open()
            await self.find_place(writer, reader)
            self.room.outgoing.send_again()
            self.is_up()
            await first_to_end(self.write(writer), self.read(reader))
        finally:
            await writer.close()
            await reader.close()

    def is_up(self) -> None:
        """All is well: who was told that it is not is told so."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if self.room.notice:
            self.room.notice = ""
            self.room.tell_all(phrases.BACK)
            log.info("the other nodes are reached again")
        self.state = "up"

    def is_away(self, error: BaseException) -> None:
        """It is not; if that lasts, people are told."""
        if self.state == "up":
            self.timer = asyncio.get_running_loop().call_later(self.heartbeat, self.tell_away)
        if self.state != "away":
            why = str(error) or "no answer in time"
            log.warning("Redis cannot be reached: %s; lines are held until it can", why)
        self.state = "away"
        self.emptied.set()

    def tell_away(self) -> None:
        """Say that lines are held, once; and to whoever comes meanwhile."""
        self.room.notice = phrases.AWAY
        self.room.tell_all(phrases.AWAY)

    # The place in the log.

    async def find_place(self, writer: Redis, reader: Redis) -> None:
        """Find out where we are, and who. Raises Astray when it has to be asked again."""
        status, *more = b"lost", *()
        if self.replica.number:
            status, *more = await writer.script(
                "resume", self.node, *self.times("lease"), self.run_id, *self.times("window"),
                self.replica.number, self.replica.chain,
            )  # fmt: skip
        if status == b"behind":
            await self.give_back(writer, int(more[0]), more[1])
        while status == b"buried" and not self.replica.is_gone:
            if not await self.read_some(reader):
                status = b"lost"
        if status == b"buried":
            await self.come_again(writer)
        elif status != b"ok":
            await self.come_anew(writer)

    def times(self, *which: str) -> list[int]:
        """These, in milliseconds."""
        return [int(getattr(self, name) * 1000) for name in which]

    async def enter(self, redis: Redis, *, snapshot: bool) -> list[Any]:
        """Become a new node; returns what there is to know, if that is asked for."""
        node = secrets.token_hex(6).encode()
        chain = secrets.token_hex(8)
        while True:
            status, *more = await redis.script(
                "enter", node, *self.times("lease"), self.keep, self.run_id,
                *self.times("window"), chain, self.node, "1" * snapshot,
            )  # fmt: skip
            if status == b"ok":
                break
            await self.sleep_until_settled(more[0])
        self.node = self.replica.node = node
        self.replica.is_gone = False
        self.private.clear()
        self.private_after = "0"
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
        number, chain, users, nodes = await self.enter(redis, snapshot=True)
        known = [
            Known(uid, addr.decode(), name.decode())
            for uid, addr, name in zip(users[::3], users[1::3], users[2::3], strict=True)
        ]
        counts = map(int, nodes[1::2])
        state = State(int(number), chain, known, dict(zip(nodes[::2], counts, strict=True)))
        self.room.outgoing.start_again(lambda operation: not isinstance(operation, UNSENT))
        self.replica.start_again(state)
        if self.replica.outside:
            log.warning("the room went on without this node; its users come again")
            for member in self.replica.outside:
                member.send_message(phrases.MISSED)
        self.bring_in()

    def bring_in(self) -> None:
        """Our users who are outside ask to come in, under their names; before all that waits."""
        outside, self.replica.outside = self.replica.outside, []
        self.room.outgoing.first([Join(member, member.name) for member in outside])

    async def give_back(self, redis: Redis, number: int, chain: bytes) -> None:
        """Redis knows less than we do: tell it, if what it knows is part of that.

        Raises Astray, as now the place has to be found again.
        """
        entries = self.replica.after(number, chain)
        if entries is None:
            return
        state = self.replica.state()
        words: list[Word] = []
        for entry in entries:
            words += [entry.number, len(entry.fields), *entry.fields]
        for node, sequence in state.nodes.items():
            words += [node, sequence]
        for user in state.users:
            key = names.key(user.name)
            words += [user.uid, user.addr, user.name, key, int(user.holds_name)]
        await redis.script(
            "offer", *self.times("lease"), self.keep, self.run_id, *self.times("window"),
            number, chain, state.number, state.chain,
            len(entries), len(state.nodes), len(state.users), *words,
        )  # fmt: skip
        log.warning("Redis had lost the last entries; it has been given those that are known here")
        raise Astray

    # Both ways.

    async def write(self, redis: Redis) -> None:
        """Send what there is to send, and renew the lease. Raises one of `Away`, and Astray."""
        outgoing, due = self.room.outgoing, 0.0
        while True:
            if time.monotonic() >= due:
                reply = await redis.script("beat", self.node, *self.times("lease"), self.keep)
                self.look_at(reply)
                self.nodes = reply[2]
                due = time.monotonic() + self.heartbeat
            self.work.clear()
            batch = outgoing.next(self.node)
            if batch is None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(due - time.monotonic(), 0)):
                        await self.work.wait()
                continue
            began = time.perf_counter()
            reply = await redis.script(
                "turn", self.node, *self.times("lease"), self.keep, batch.sequence, *batch.words
            )
            if reply[0] == b"settling":
                await self.sleep_until_settled(reply[1])
                continue
            self.look_at(reply)
            self.round_trip = time.perf_counter() - began
            outgoing.acknowledged()

    async def sleep_until_settled(self, at_most: int) -> None:
        """Others have to come back first: in so many milliseconds, or as soon as all have."""
        await asyncio.sleep(min(at_most / 1000, self.heartbeat / 8))

    def look_at(self, reply: Any) -> None:
        """The answer to a call. Raises Astray if we are not known."""
        if reply[0] != b"ok":
            raise Astray
        self.head = reply[1]

    async def read(self, redis: Redis) -> None:
        """Read the log as it grows. Raises one of `Away`, and Astray."""
        while not self.replica.is_gone:
            await self.read_some(redis, block=int(self.heartbeat * 1000))
        raise Astray

    async def read_some(self, redis: Redis, block: int | None = None) -> bool:
        """Read and apply the next entries; whether there were any. Raises Astray."""
        private = f"private:{self.node.decode()}"
        found = await redis.read(
            {"log": f"{self.replica.number}-0", private: self.private_after}, COUNT, block
        )
        self.keep_private(found.get(private, ()))
        entries = found.get("log", [])
        told = self.room.log.end
        for identity, fields in entries:
            entry = Entry.read(identity, fields)
            if not entry.follows(self.replica.number, self.replica.chain):
                raise Astray
            if entry.tells(self.node) and entry.number not in self.private:
                after = await redis.read({private: self.private_after}, COUNT)
                self.keep_private(after.get(private, ()))
            self.replica.apply(entry, self.private.pop(entry.number, ()))
            if self.replica.is_gone:
                break
            if self.room.log.end - told > BREATH:
                told = self.room.log.end
                await asyncio.sleep(0)
        if self.room.outgoing.is_empty:
            self.emptied.set()
        return bool(entries)

    def keep_private(self, entries: Any) -> None:
        """Keep private lines until the entry comes that they belong to."""
        for identity, fields in entries:
            self.private[int(identity.partition(b"-")[0])] = read_private(fields)
            self.private_after = identity.decode()


async def first_to_end(*jobs: Coroutine[Any, Any, None]) -> None:
    """Do these at the same time until one ends, in whatever way; that is how this ends."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()

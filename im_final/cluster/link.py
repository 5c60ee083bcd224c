"""The link between a node and the others: connect, find the place in the log, write and read.

    away ──connected──▶ entering ──place found, and tried out──▶ up ──any trouble──▶ away
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
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from im_final import phrases
from im_final.cluster import address
from im_final.cluster.address import Server
from im_final.cluster.master import Master
from im_final.cluster.member import SharedRoom
from im_final.cluster.operations import UNSENT
from im_final.cluster.place import Place, Terms
from im_final.cluster.reading import Astray, Reading
from im_final.cluster.redis import Away, Closed, Redis, Word, why
from im_final.cluster.replica import Replica
from im_final.log import Log
from im_final.statistics import LinkStatistics

FIRST_PAUSE = 0.02  # Seconds before the second try to connect; each further one is twice as long.
SHAKY = 2  # Sessions in a row, each shorter than a heartbeat: the next has to last to be told of.
FLAPS = 6  # So many, and everyone is told.
LIMITS = "set timeout 0 and client-output-buffer-limit normal 0 0 0 there, or see its log"
EVICTS = "maxmemory-policy of Redis is %s, which may throw away names; set it to noeviction"

log = logging.getLogger("im_final")


class Link:
    """A backplane in the Redis at `url`. Nodes that name the same `room` are in one.

    Times are seconds. A node renews its lease with every `heartbeat` and every batch; when the
    lease is over, the others take it for dead. `keep` is how many bytes of the log Redis keeps:
    as many as can be said within a lease, so that who is behind that far is dead. Raises ValueError
    for a URL that is none.
    """

    def __init__(
        self,
        url: str,
        room: str = "lobby",
        *,
        heartbeat: float = 2.0,
        lease: float = 8.0,
        keep: int = 2**28,
    ) -> None:
        self.address = address.read(url)
        self.name = room
        self.terms = Terms(heartbeat, lease, keep)
        try:  # A call may take half a lease, so that there is time for another.
            self.master = Master(self.address, f"im:{{{room}}}", lease / 2)
        except OSError as error:
            raise ValueError(str(error)) from None
        self.room: SharedRoom
        self.replica: Replica
        self.reading: Reading
        self.place: Place
        self.state = "entering"
        self.work = asyncio.Event()  # There may be something to send.
        self.emptied = asyncio.Event()  # Nothing is on its way.
        self.task: asyncio.Task[None] | None = None
        self.timer: asyncio.Handle | None = None
        self.is_due = True  # A heartbeat is.
        self.reminder: asyncio.Handle | None = None
        self.flaps = 0  # Sessions in a row that came up and ended within a heartbeat.
        self.reasons: set[str] = set()  # Why it is not in the room, as was logged.
        self.proof: asyncio.Handle | None = None  # When this session has lasted for longer.
        self.head = 0
        self.round_trip = 0.0
        self.nodes = 0
        self.others: set[bytes] = set()  # Nodes that were there when we looked last.
        self.sessions = 0
        self.eviction = ""  # What Redis does when its memory is full.

    def open(self, chat: Log, wake: Callable[[], None], max_backlog: int) -> SharedRoom:
        """The room that this feeds."""
        self.room = SharedRoom(chat, wake, self.work.set)
        self.replica = Replica(self.room)
        self.reading = Reading(self.replica, max_backlog)
        self.place = Place(self.terms, self.replica, self.reading)
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
            burials=self.place.burials,
        )

    # Its life.

    async def start(self) -> None:
        """Begin; whoever comes before the place is found waits, and is told if that takes long."""
        self.is_not_up("entering")
        self.task = asyncio.create_task(self.run())

    async def stop(self, within: float) -> None:
        """Bring out what was said; then all here leave at once. That takes `within` at most."""
        outgoing = self.room.outgoing
        deadline = asyncio.get_running_loop().time() + within
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                while self.state == "up" and not outgoing.is_empty:
                    self.emptied.clear()
                    await self.emptied.wait()
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        for timer in (self.timer, self.reminder, self.proof):
            if timer:
                timer.cancel()
        for operation in (*outgoing.on_the_way(), *outgoing.waiting):
            if isinstance(operation, UNSENT):
                operation.user.is_not_heard()
        for member in list(self.room.people):
            member.depart()
        with suppress(*Away):
            async with asyncio.timeout_at(deadline):
                await self.retire()

    async def retire(self) -> None:
        """Tell the others that this node ends."""
        redis = await self.master.connect()
        try:
            terms = self.terms
            await redis.script(
                "retire", self.replica.node, terms.lease_ms, terms.keep, redis.run, terms.window_ms
            )
        finally:
            await redis.close()

    async def run(self) -> None:
        """Keep the link up, for ever."""
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.session()
            except Astray:
                self.is_not_up("entering")
            except Away as error:
                self.tell_operator(why(error))
                self.is_not_up("away")
            except Exception:
                log.exception("a bug ended the link to the other nodes; it is made anew")
                self.is_not_up("away")
            if loop.time() - began > self.terms.heartbeat:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            longest = self.terms.heartbeat / (1 if self.flaps >= FLAPS else 8)
            pause = min(2 * pause, longest)

    def tell_operator(self, reason: str) -> None:
        """Log why the node is not in the room: each reason once, however often that is tried."""
        if reason in self.reasons or self.flaps > FLAPS:
            return
        where = f"the room {self.name} at {self.address.shown}"
        if self.flaps == FLAPS:
            log.warning("connections to %s keep breaking: %s; %s", where, reason, LIMITS)
        elif self.state == "away":
            log.warning("still not in %s: %s", where, reason)
        else:
            log.warning("not in %s: %s; lines are held meanwhile", where, reason)
        self.reasons.add(reason)

    async def session(self) -> None:
        """Connect, and go on until there is trouble. Raises one of `Away`, and Astray."""
        async with AsyncExitStack() as stack:
            writer = await self.master.connect()
            stack.push_async_callback(writer.close)
            reader = self.master.redis(writer.server)
            stack.push_async_callback(reader.close)
            await reader.open()
            if writer.run != reader.run:
                raise ConnectionError("two connections have come to two servers")
            try:
                await self.place.find(writer, reader)
                await self.try_out(writer, reader)
            except Closed as error:  # It took us, and did not want to send what is there.
                raise ConnectionError(f"{error} as it was asked for the room; {LIMITS}") from error
            self.is_up(writer.server)
            jobs = [self.write(writer), self.read(reader)]
            if self.address.sentinels:
                jobs.append(self.master.watch(writer.server, self.terms.heartbeat))
            await first_to_end(*jobs)

    async def try_out(self, writer: Redis, reader: Redis) -> None:
        """See that both ways are open. Raises one of `Away`, and Astray.

        A Redis that is full or read-only can still be read; one that waits for other nodes takes
        nothing yet; and rights can be missing for either.
        """
        await self.reading.try_out(reader)
        self.look_at_eviction(await writer.eviction())
        while at_most := await self.beat(writer):
            await self.terms.settle(at_most)
        self.room.outgoing.send_again()
        await self.send(writer)

    def look_at_eviction(self, policy: str) -> None:
        """Warn the operator, once, of a Redis that may throw parts of the room away."""
        if policy not in ("", "noeviction", self.eviction):
            log.warning(EVICTS, policy)
        self.eviction = policy

    def is_up(self, server: Server) -> None:
        """This node is in the room; if it has been in and out, that has to be seen first."""
        self.sessions += 1
        self.state = "up"
        self.reasons.clear()
        if self.timer:
            self.timer.cancel()
            self.timer = None
        loop = asyncio.get_running_loop()
        self.proof = loop.call_later(self.terms.heartbeat, self.is_steady, server)
        self.flaps += 1  # Until it has lasted.
        if self.flaps > FLAPS:
            self.tell_away()
        elif self.flaps <= SHAKY or not self.room.notice:
            self.tell_back(server)

    def is_steady(self, server: Server) -> None:
        """It has lasted."""
        if self.room.notice:
            self.tell_back(server)
        self.flaps = 0

    def tell_back(self, server: Server) -> None:
        """All is well: whoever was told that it is not is told so."""
        if self.room.notice:
            self.room.notice = ""
            self.room.tell_all(phrases.BACK)
        node = self.replica.node.decode()
        log.info("in the room %s at %s, as node %s", self.name, server, node)
        self.look_for_nodes()

    def is_not_up(self, state: str) -> None:
        """It is not; if that lasts, people are told."""
        self.state = state
        self.emptied.set()
        if self.proof:
            self.proof.cancel()
        if not self.timer and not self.room.notice:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(self.terms.heartbeat, self.tell_away)

    def tell_away(self) -> None:
        """Say that lines are held, once; and to whoever comes meanwhile."""
        self.timer = None
        if not self.room.notice:
            self.room.notice = phrases.AWAY
            self.room.tell_all(phrases.AWAY)

    # Both ways.

    async def write(self, redis: Redis) -> None:
        """Send what there is to send, and renew the lease. Raises one of `Away`, and Astray."""
        while True:
            if self.is_due:
                await self.beat(redis)
                continue
            self.work.clear()
            if not await self.send(redis):
                await self.work.wait()

    async def send(self, redis: Redis) -> bool:
        """Send the next batch; whether there was one. Raises one of `Away`, and Astray."""
        batch = self.room.outgoing.next(self.replica.node)
        if batch is None:
            return False
        began = time.perf_counter()
        reply = await self.call(redis, "turn", batch.sequence, *batch.words)
        if reply[0] == b"settling":
            await self.terms.settle(reply[1])
            return True
        self.look_at(reply)
        self.round_trip = time.perf_counter() - began
        self.room.outgoing.acknowledged()
        return True

    async def beat(self, redis: Redis) -> int:
        """Say that we live; for how many milliseconds Redis waits, as other nodes may know more.

        Raises one of `Away`, and Astray.
        """
        self.is_due = False
        if self.reminder:
            self.reminder.cancel()
        loop = asyncio.get_running_loop()
        self.reminder = loop.call_later(self.terms.heartbeat, self.remind)
        reply = await self.call(redis, "beat")
        self.look_at(reply)
        self.nodes = reply[2]
        await self.place.compare(redis, self.head, users=reply[4], names=reply[5])
        return int(reply[3])

    async def call(self, redis: Redis, what: str, *words: Word) -> Sequence[Any]:
        """Have the script do something for this node, whose lease it renews."""
        who = (self.replica.node, self.terms.lease_ms, self.terms.keep)
        return await redis.script(what, *who, *words)

    def remind(self) -> None:
        """It is time for a heartbeat."""
        self.is_due = True
        self.work.set()

    def look_at(self, reply: Any) -> None:
        """The answer to a call. Raises Astray if we are not known."""
        if reply[0] != b"ok":
            raise Astray
        self.head = reply[1]

    async def read(self, redis: Redis) -> None:
        """Read the log as it grows. Raises one of `Away`, and Astray."""
        while not self.replica.is_gone:
            await self.reading.read_some(redis, block=int(1000 * self.terms.heartbeat))
            await asyncio.sleep(0)  # Who is here reads it before Redis is asked for more.
            self.look_for_nodes()
            if self.room.outgoing.is_empty:
                self.emptied.set()
        raise Astray

    def look_for_nodes(self) -> None:
        """Tell the operator who has come and gone."""
        if self.replica.nodes.keys() == self.others:
            return
        now = set(self.replica.nodes)
        for node in sorted(now - self.others - {self.replica.node}):
            log.info("node %s is there", node.decode())
        for node in sorted(self.others - now):
            log.info("node %s is gone", node.decode())
        self.others = now


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

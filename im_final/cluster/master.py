"""Finding the master: the one Redis of several that takes what is written.

    Sentinels: ask one after the other which it is ─▶ connect ─▶ it must say so itself
    several servers: connect to all ─▶ the one that says so
    one server: connect ─▶ it must say so

Whatever says `MOVED`, a node of a Redis Cluster, is left for the one that it names. A connection
that has trouble is made anew from here, so a failover needs nothing else: until the new master is
there, none is found. But a master that only stood still, while the Sentinels gave its place to its
replica, knows nothing of that and goes on, until they can tell it. So the Sentinels are asked
again with every heartbeat (`watch`), and the nodes leave together.
"""

import asyncio
from collections import deque

from im_final.cluster.address import Address, Server
from im_final.cluster.redis import Away, Moved, Redis, why

SENTINEL = 1.0  # Seconds that one of them may take; the others are asked then.
CONTEST = 0.5  # Seconds in which another server can say that it is the master, too.
MOVES = 3  # How often one node of a cluster may name another before we begin again.


class Master:
    """The master of the room whose keys begin with `prefix`; a call may take `patience` seconds."""

    def __init__(self, address: Address, prefix: str, patience: float) -> None:
        self.address = address
        self.prefix = prefix
        self.patience = patience
        self.sentinels = deque(address.sentinels)  # The first is asked first.
        for server in (*address.servers, *address.sentinels):
            self.redis(server)  # Raises OSError if a file is missing.

    def redis(self, server: Server) -> Redis:
        """A connection to that server, which is not made yet."""
        return Redis(server, self.prefix, self.patience)

    async def connect(self) -> Redis:
        """A connection to the master, as it is now. Raises one of `Away`."""
        if not self.sentinels:
            return await self.one_of_them()
        server = await self.named()
        try:
            async with asyncio.timeout(self.patience / 2):  # Meanwhile it may be another.
                return await self.opened(server)
        except Away:
            self.sentinels.rotate(-1)  # This one may not have heard of a failover.
            raise

    async def opened(self, server: Server) -> Redis:
        """A connection to this server, or where it says that the room is. Raises one of `Away`."""
        for _ in range(MOVES):
            redis = self.redis(server)
            try:
                await redis.open()
            except Moved as moved:
                await redis.close()
                server = self.address.at(moved.host, moved.port)
            except BaseException:
                await redis.close()
                raise
            else:
                return redis
        raise ConnectionError("the nodes of the Redis Cluster name each other in turn")

    # By its Sentinels.

    async def named(self) -> Server:
        """Where the Sentinels say that it is. Raises one of `Away`."""
        error: Exception = ConnectionError()
        for _ in range(len(self.sentinels)):
            try:
                return await self.ask(self.sentinels[0])
            except Away as unheard:
                error = unheard
            self.sentinels.rotate(-1)
        raise ConnectionError(f"no Sentinel can be asked: {why(error)}") from error

    async def ask(self, sentinel: Server) -> Server:
        """Where this one says that it is. Raises one of `Away`."""
        redis = self.redis(sentinel)
        try:
            async with asyncio.timeout(min(SENTINEL, self.patience)):
                await redis.connect()
                found = await redis.call(
                    "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.address.service
                )
        finally:
            await redis.close()
        if not found:
            raise ConnectionError(f"a Sentinel knows no service {self.address.service}")
        return self.address.at(found[0].decode(), int(found[1]))

    async def watch(self, server: Server, pause: float) -> None:
        """Ask after every `pause`, in seconds, whether the master is still that server.

        Raises one of `Away` when it is another. Sentinels that cannot be asked change nothing.
        """
        while True:
            await asyncio.sleep(pause)
            try:
                named = await self.named()
            except Away:
                continue
            if named != server:
                raise ConnectionError(f"the master is {named} now")

    # By what the servers say.

    async def one_of_them(self) -> Redis:
        """A connection to the only server that is a master. Raises one of `Away`."""
        servers = self.address.servers
        tasks = [asyncio.ensure_future(self.opened(server)) for server in servers]
        master, masters = None, {}
        try:
            await one_has_come(tasks)
            masters = {task.result().run: task.result() for task in tasks if has_come(task)}
            if len(masters) == 1:
                [master] = masters.values()
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for one in results:
                if isinstance(one, Redis) and one is not master:
                    await one.close()
        if master:
            return master
        if masters:
            names = " and ".join(str(one.server) for one in masters.values())
            raise ConnectionError(f"{names} are both masters; make one the replica of the other")
        errors = [one for one in results if isinstance(one, Exception)]
        raise ConnectionError("; ".join(dict.fromkeys(map(why, errors)))) from errors[0]


def has_come(task: "asyncio.Task[Redis]") -> bool:
    """True if this one has found a master."""
    return task.done() and not task.cancelled() and task.exception() is None


async def one_has_come(tasks: "list[asyncio.Task[Redis]]") -> None:
    """Wait until one has found a master, and for those that take a moment longer."""
    pending = set(tasks)
    while pending and not any(map(has_come, tasks)):
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    if pending:
        await asyncio.wait(pending, timeout=CONTEST)

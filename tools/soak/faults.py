"""What can go wrong between nodes and Redis; each fault is over when it returns."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tools.soak.house import HEARTBEAT, LEASE, House, becomes_true

Fault = Callable[[House, int], Awaitable[None]]


async def freeze(house: House, number: int) -> None:
    """A node stands still for longer than its lease, and goes on."""
    house.nodes[number].signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE * 2)
    house.nodes[number].signal(signal.SIGCONT)


async def hiccup(house: House, number: int) -> None:
    """A node stands still for less than its lease."""
    house.nodes[number].signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE / 3)
    house.nodes[number].signal(signal.SIGCONT)


async def restart_redis(house: House, _: int) -> None:
    """Redis crashes and is started at once: without its data, unless it keeps it."""
    house.store.kill()
    await asyncio.to_thread(house.store.start)


async def lose_redis(house: House, _: int) -> None:
    """Redis crashes, its disk is lost, and it is started."""
    house.store.kill()
    house.store.forget()
    await asyncio.to_thread(house.store.start)


async def leave_redis_dead(house: House, number: int) -> None:
    """Redis crashes, and is started again when every lease is over; one node is late.

    That node may know an entry that Redis has lost, and no other node has; so it is not too late.
    """
    house.store.kill()
    house.nodes[number].proxy.is_down = True
    await asyncio.sleep(LEASE * 1.5)
    await asyncio.to_thread(house.store.start)
    await asyncio.sleep(LEASE / 2 if house.store.keeps else HEARTBEAT)
    house.nodes[number].proxy.is_down = False


async def freeze_redis(house: House, number: int) -> None:
    """Redis stands still for longer than every lease, and goes on; one node is late.

    A silence counts as a quarter of a lease. So a node has a lease less that quarter and a
    heartbeat, 1.05 s, to come back; it is late by less than half of that.
    """
    house.store.signal(signal.SIGSTOP)
    house.nodes[number].proxy.is_down = True
    house.nodes[number].proxy.cut()
    await asyncio.sleep(LEASE * 1.5)
    house.store.signal(signal.SIGCONT)
    await asyncio.sleep(LEASE / 4)
    house.nodes[number].proxy.is_down = False


async def flush(house: House, _: int) -> None:
    """Somebody empties Redis while it runs."""
    house.store.client.flushall()


async def kill_connections(house: House, _: int) -> None:
    """Redis drops the connections of all nodes, more than once."""
    for _ in range(3):
        house.store.client.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.1)


async def forget_scripts(house: House, _: int) -> None:
    """Redis forgets its scripts."""
    house.store.client.script_flush()


async def cut(house: House, number: int) -> None:
    """A node's connections break."""
    house.nodes[number].proxy.cut()


async def slow(house: House, number: int) -> None:
    """Redis is far away from a node for a while: a tenth of a second each way."""
    house.nodes[number].proxy.delay = 0.1
    await asyncio.sleep(LEASE)
    house.nodes[number].proxy.delay = 0.0


async def silence(house: House, number: int) -> None:
    """A node can write to Redis, and hears nothing from it, for longer than its lease."""
    house.nodes[number].proxy.talks.clear()
    await asyncio.sleep(LEASE * 2)
    house.nodes[number].proxy.talks.set()


async def mute(house: House, number: int) -> None:
    """What a node says does not come through, for longer than its lease, and then is lost."""
    proxy = house.nodes[number].proxy
    proxy.hears.clear()
    await asyncio.sleep(LEASE * 2)
    proxy.cut()
    proxy.hears.set()


async def lose_replies(house: House, number: int) -> None:
    """What a node says comes through, and the answer is lost; more than once."""
    proxy = house.nodes[number].proxy
    for _ in range(3):
        proxy.talks.clear()
        await asyncio.sleep(LEASE / 8)
        proxy.cut()
        proxy.talks.set()
        await asyncio.sleep(LEASE / 8)


async def lose_requests(house: House, number: int) -> None:
    """A node's requests are lost on their way, and then the connection; three times."""
    proxy = house.nodes[number].proxy
    for _ in range(3):
        proxy.hears.clear()
        await asyncio.sleep(LEASE / 8)
        proxy.cut()
        proxy.hears.set()
        await asyncio.sleep(LEASE / 8)


async def flush_unheard(house: House, number: int) -> None:
    """Somebody empties Redis while a node hears nothing: private lines to its people are lost."""
    proxy = house.nodes[number].proxy
    proxy.talks.clear()
    await asyncio.sleep(LEASE / 3)
    proxy.cut()
    house.store.client.flushall()
    proxy.talks.set()


async def all_is_well(house: House) -> None:
    """Every node is in the room again."""
    for node in house.nodes:
        await becomes_true(node.is_well)


FAULTS: list[Fault] = [
    freeze, hiccup, restart_redis, lose_redis, leave_redis_dead, freeze_redis, flush,
    kill_connections, forget_scripts, cut, lose_replies, lose_requests, flush_unheard, slow,
    silence, mute,
]  # fmt: skip
DEADLY = [freeze, silence, mute]  # The node is taken for dead.

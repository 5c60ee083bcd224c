"""What can go wrong between nodes and Redis; each fault is over when it returns."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from tools.soak.house import LEASE, House, becomes_true

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
    house.store.start()


async def lose_redis(house: House, _: int) -> None:
    """Redis crashes, its disk is lost, and it is started."""
    house.store.kill()
    house.store.forget()
    house.store.start()


async def leave_redis_dead(house: House, _: int) -> None:
    """Redis crashes, and is started again when every lease is over."""
    house.store.kill()
    await asyncio.sleep(LEASE * 1.5)
    house.store.start()


async def freeze_redis(house: House, _: int) -> None:
    """Redis stands still for longer than every lease, and goes on."""
    house.store.signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE * 1.5)
    house.store.signal(signal.SIGCONT)


async def flush(house: House, _: int) -> None:
    """Somebody empties Redis while it runs."""
    house.store.client.flushall()


async def kill_connections(house: House, _: int) -> None:
    """Redis drops the connections of all nodes, and their subscriptions, more than once."""
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


async def all_is_well(house: House) -> None:
    """Every node is in the room again."""
    for node in house.nodes:
        await becomes_true(node.is_well)


FAULTS: list[Fault] = [
    freeze, hiccup, restart_redis, lose_redis, leave_redis_dead, freeze_redis, flush,
    kill_connections, forget_scripts, cut, slow, silence,
]  # fmt: skip

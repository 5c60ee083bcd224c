"""Redis stands still for about a lease, or its wall clock is set, and it goes on by itself."""

import asyncio
import signal

from tools.soak.house import HEARTBEAT, LEASE
from tools.soak.site import Site

TIMES = 3  # Whether a node is buried depends on where in a heartbeat the fault comes.
HOURS_BACK = -8 * 3600.0  # Seconds: a clock that was in another zone is put right.


async def stall(site: Site, _: int) -> None:
    """Redis stands still for 0.8 to 1.1 of a lease, more than once; nobody talks meanwhile.

    Without talk all leases are as old as the last heartbeats, so they end during the stall.
    """
    async with site.hush():
        for _ in range(TIMES):
            part = site.chance.uniform(0.8, 1.1)
            site.detail += f" {part:.2f}"
            await asyncio.sleep(site.chance.uniform(0, HEARTBEAT))
            site.store.signal(signal.SIGSTOP)
            await asyncio.sleep(part * LEASE)
            site.store.signal(signal.SIGCONT)
            await asyncio.sleep(2 * HEARTBEAT)


async def stall_in_talk(site: Site, _: int) -> None:
    """Redis stands still for 0.8 to 1.1 of a lease, while all talk."""
    part = site.chance.uniform(0.8, 1.1)
    site.detail += f" {part:.2f}"
    site.store.signal(signal.SIGSTOP)
    await asyncio.sleep(part * LEASE)
    site.store.signal(signal.SIGCONT)


async def step(site: Site, seconds: float) -> None:
    """Redis's clock is set."""
    assert site.clock  # noqa: S101 - such a fault is not made without one
    site.detail += f" {seconds:+.2f} s"
    await asyncio.sleep(site.chance.uniform(0, HEARTBEAT))
    site.clock.step(seconds)
    await asyncio.sleep(2 * HEARTBEAT)


async def step_forward(site: Site, _: int) -> None:
    """Redis's clock is set forward: by most of a lease, more than once, and by more than that."""
    async with site.hush():
        for _ in range(TIMES):
            await step(site, site.chance.uniform(0.8, 1.0) * LEASE)
    await step(site, site.chance.choice([site.chance.uniform(1.0, 4.0) * LEASE, 3600.0]))


async def step_back(site: Site, _: int) -> None:
    """Redis's clock is set back: by about a lease while nobody talks, and by 20 s or 8 h."""
    async with site.hush():
        await step(site, -site.chance.uniform(0.5, 2.0) * LEASE)
    await step(site, site.chance.choice([-20.0, HOURS_BACK]))


async def step_back_and_crash(site: Site, number: int) -> None:
    """Redis's clock is set back by 8 h, and a node dies before it renews its lease.

    Its people have to leave the room as soon as those of any node that dies.
    """
    assert site.clock  # noqa: S101 - such a fault is not made without one
    site.ends(site.people_at(number))
    site.clock.step(HOURS_BACK)
    site.nodes[number].end()
    await asyncio.sleep(2 * LEASE)
    await site.nodes[number].start()

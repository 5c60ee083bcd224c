"""Another Redis takes over, as the Sentinels decide."""

import asyncio

from tools.soak.site import Site

BEHIND = 0.5  # Seconds; less than the Sentinels take to notice anything.


async def kill_master(site: Site, _: int) -> None:
    """The master dies; the replica takes over. The old master comes back, and follows the new."""
    assert site.trio  # noqa: S101 - such a fault is not made without one
    old, new = site.trio.master, site.trio.replica
    old.kill()
    await asyncio.to_thread(site.trio.wait_for_master, new)
    await asyncio.to_thread(old.start)
    await asyncio.to_thread(site.trio.wait_until_settled)


async def kill_master_ahead(site: Site, number: int) -> None:
    """The master dies, and its replica lacks the lines of the last half of a second."""
    assert site.trio  # noqa: S101 - such a fault is not made without one
    replica = site.trio.replica.client
    replica.config_set("masterauth", "nobody-knows-it")
    replica.client_kill_filter(_type="master")
    await asyncio.sleep(BEHIND)
    replica.config_set("masterauth", "")
    await kill_master(site, number)


async def fail_over(site: Site, _: int) -> None:
    """An operator has the replica take over from a master that lives."""
    assert site.trio  # noqa: S101 - such a fault is not made without one
    await asyncio.to_thread(site.trio.fail_over)
    await asyncio.to_thread(site.trio.wait_until_settled)

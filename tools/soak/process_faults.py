"""A process of ours dies, hangs, or cannot print."""

import asyncio
import signal
from contextlib import suppress

import psutil

from im_final import phrases
from tools.soak.crew import TIMEOUT
from tools.soak.house import LEASE, becomes_true
from tools.soak.site import Site
from tools.soak.talkers import Talker, Wrong, open_connection

NOTICED = 5.0 * TIMEOUT  # Seconds until a worker that hangs must have been killed.
ENDED = 10.0  # Seconds in which a node ends; the default of --drain is 5.
VISITS = 200  # Each is a line of the log, and more than fill a small pipe.
ECHO = 5.0  # Seconds in which a line comes back, though nobody reads the log.


async def crash(site: Site, number: int) -> None:
    """A node is killed, and started again; its people are gone."""
    site.ends(site.people_at(number))
    site.nodes[number].end()
    await site.nodes[number].start()


async def end_node(site: Site, number: int) -> None:
    """A node is told to end, and started again. Its people read all that is owed, and goodbye."""
    node, people = site.nodes[number], site.people_at(number)
    site.ends(people)
    process = node.process
    assert process  # noqa: S101 - it was started
    node.signal(signal.SIGTERM)
    try:
        await becomes_true(lambda: process.poll() is not None, within=ENDED)
    except TimeoutError:
        raise Wrong(f"a node does not end within {ENDED:.0f} s of SIGTERM") from None
    if process.returncode:
        raise Wrong(f"a node ends with status {process.returncode}")
    await becomes_true(lambda: all(one.is_gone for one in people))
    for one in people:
        if one.events()[-1].kind != "closing":
            raise Wrong(f"{one.label}'s node ends; the last line is {one.lines[-1]!r}")
    await node.start()


async def hang_worker(site: Site, _: int) -> None:
    """A worker stands still for ever. Its supervisor kills it, and starts it again.

    People who connect meanwhile get in then, at the latest.
    """
    assert site.crew  # noqa: S101 - such a fault is not made without one
    here = {one.addr: one for one in site.people_at(site.crew.number)}
    worker, cut = await asyncio.to_thread(site.crew.worker_of, here.keys())
    site.ends([here[addr] for addr in cut])
    newcomers = [Talker(f"new{number}") for number in range(4)]
    worker.suspend()
    try:
        for one in newcomers:
            await one.connect(site.crew.port)
        try:
            await becomes_true(lambda: not worker.is_running(), within=NOTICED)
        except TimeoutError:
            raise Wrong(f"a worker hangs, and is not killed within {NOTICED:.0f} s") from None
        for one in newcomers:
            await one.reads(phrases.ONLINE)
    finally:
        with suppress(psutil.NoSuchProcess):
            worker.resume()
        await asyncio.gather(*[one.leaves() for one in newcomers])


async def block_log(site: Site, number: int) -> None:
    """Nobody reads a node's output for longer than its lease, and it has a lot to log."""
    tap = site.nodes[number].tap
    assert tap  # noqa: S101 - every node of a site has one
    tap.flows.clear()
    try:
        for _ in range(VISITS):
            await visit(site.nodes[number].port)
        await asyncio.sleep(LEASE * 1.5)
        for one in site.people_at(number):
            await comes_back(one)
    finally:
        tap.flows.set()


async def visit(port: int) -> None:
    """Connect, and hang up."""
    _, writer = await open_connection(port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def comes_back(talker: Talker) -> None:
    """The talker says another line, and reads it. Raises Wrong."""
    due = talker.said + 2
    try:
        await becomes_true(lambda: talker.said >= due, within=ECHO)
    except TimeoutError:
        raise Wrong(f"{talker.label}'s line does not come back within {ECHO:.0f} s") from None

"""Two hundred people come and go fifty times, and it is as if none had been there."""

import asyncio
import gc
import os
import socket
import sys
import tracemalloc

import pytest

from stages import stage8
from tests.stages.people import reset_on_close
from tests.stages.turns import PATIENCE, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts files in Linux's /proc")

CROWD = 200
ROUNDS = 50
WARM = 10  # Rounds after which the tables of the interpreter have their size.
BYTES_PER_VISIT = 40  # One forgotten name is larger; tables that grow now and then are not.


async def come_and_go(server: stage8.Server) -> None:
    """All come at once and go at once, some in the middle of a line, every other by a reset."""
    crowd = [socket.create_connection((server.host, server.port), PATIENCE) for _ in range(CROWD)]
    await until(lambda: len(server.online_map) == CROWD)
    for number, sock in enumerate(crowd):
        if number % 10 == 0:
            sock.send(b"who\nhello\nhalf a li")
        if number % 2:
            reset_on_close(sock)
        sock.close()
    await until(lambda: not server.tasks)


def files() -> int:
    return len(os.listdir("/proc/self/fd"))


def memory() -> int:
    """Bytes in use, of those allocated since the test began."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def story() -> None:
    server = stage8.Server(port=0)
    await server.start()
    tasks, open_files = len(asyncio.all_tasks()), files()
    warm = 0
    for number in range(1, ROUNDS + 1):
        await come_and_go(server)
        await until(lambda: len(asyncio.all_tasks()) == tasks)
        assert files() == open_files
        assert not server.online_map
        if number == WARM:
            warm = memory()
    assert memory() - warm < BYTES_PER_VISIT * CROWD * (ROUNDS - WARM)
    await server.stop()


def test_two_hundred_people_come_and_go_fifty_times() -> None:
    tracemalloc.start()
    try:
        asyncio.run(story())
    finally:
        tracemalloc.stop()

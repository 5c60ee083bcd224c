"""A thousand people come at once, talk at once, and all read the same lines in the same order."""

import asyncio
import random
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import im_final
from im_final import phrases
from tests.im_final.conftest import Run
from tests.stages.test_crowd import CROWD
from tests.stages.test_crowd import Listener as OnAsyncio
from tests.stages.turns import until

resource = pytest.importorskip("resource", reason="needs POSIX limits on open files")

PATIENCE = 60.0


class Listener(OnAsyncio):
    """Somebody who keeps every byte, in any loop: uvloop's transports are of no asyncio class."""

    def connection_made(self, transport: Any) -> None:
        """Connected."""
        self.transport = transport
        self.addr = "{}:{}".format(*transport.get_extra_info("sockname"))


@pytest.fixture
def _many_files() -> Iterator[None]:
    """Room for two descriptors for each person."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4 * CROWD, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_many_files")
def test_a_thousand_come_at_once_and_talk_at_once_and_read_the_same(run: Run) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        async with im_final.Server(port=0) as server:
            socks = [
                socket.create_connection((server.host, server.port), PATIENCE) for _ in range(CROWD)
            ]
            await until(lambda: len(server.online_map) == CROWD)
            crowd = []
            for sock in socks:
                sock.setblocking(False)
                _, listener = await loop.create_connection(Listener, sock=sock)
                crowd.append(listener)
            by_addr = {one.addr: one for one in crowd}
            crowd = [by_addr[name] for name in server.online_map]
            joins = [one.line(phrases.ONLINE) for one in crowd]
            for number, one in enumerate(crowd):
                one.due = b"".join(joins[number:])  # From the own join line on.
                await until(lambda one=one: len(one.heard) >= len(one.due))
                assert one.heard == one.due
                one.heard.clear()

            talk = [one.line("good evening") for one in crowd]
            for one in random.Random(1).sample(crowd, CROWD):  # noqa: S311 - any order will do
                one.transport.write(b"good evening\n")
            for one in crowd:
                await until(lambda one=one: len(one.heard) >= sum(map(len, talk)))
                assert one.heard == crowd[0].heard
            assert sorted(crowd[0].heard.splitlines(keepends=True)) == sorted(talk)
            assert server.statistics().deliveries >= CROWD * CROWD
            assert not server.counts.departures

            for one in crowd:
                one.transport.close()
            await until(lambda: not server.connections)
            assert not server.online_map

    run(story())

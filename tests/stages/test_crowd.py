"""A thousand people talk at once, and all read the same lines in the same order."""

import asyncio
import random
import socket

import pytest

from stages import phrases, stage8
from tests.stages.turns import until

resource = pytest.importorskip("resource", reason="needs POSIX limits on open files")

CROWD = 1000
AT_ONCE = 100  # Connections that every system lets wait to be accepted.
PATIENCE = 60.0


class Listener(asyncio.Protocol):
    """Somebody who keeps every byte they are sent."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.due = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.addr = "{}:{}".format(*transport.get_extra_info("sockname"))

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self.heard += data

    def line(self, text: str) -> bytes:
        """What everyone reads when this one says `text`."""
        said = phrases.SAID.format(addr=self.addr, name=self.addr, text=text)
        return f"{said}\n".encode()


async def come_and_talk() -> None:
    server = stage8.Server(port=0, idle_timeout=2 * PATIENCE)
    await server.start()
    loop = asyncio.get_running_loop()
    crowd: list[Listener] = []
    while len(crowd) < CROWD:
        group = [
            socket.create_connection((server.host, server.port), PATIENCE) for _ in range(AT_ONCE)
        ]
        for sock in group:
            sock.setblocking(False)
            _, listener = await loop.create_connection(Listener, sock=sock)
            crowd.append(listener)
        await until(lambda: len(server.online_map) == len(crowd))
    by_addr = {one.addr: one for one in crowd}
    crowd = [by_addr[name] for name in server.online_map]  # In the order they joined.
    joins = [one.line(phrases.ONLINE) for one in crowd]
    for number, one in enumerate(crowd):
        one.due = b"".join(joins[number:])  # From the own join line on.
        await until(lambda one=one: len(one.heard) >= len(one.due))  # type: ignore[misc]
        assert one.heard == one.due
        one.heard.clear()

    talk = [one.line("good evening") for one in crowd]
    for one in random.Random(1).sample(crowd, CROWD):  # noqa: S311 - any order will do
        one.transport.write(b"good evening\n")
    for one in crowd:
        await until(lambda one=one: len(one.heard) >= sum(map(len, talk)))  # type: ignore[misc]
        assert one.heard == crowd[0].heard
    assert sorted(crowd[0].heard.splitlines(keepends=True)) == sorted(talk)

    for one in crowd:
        one.transport.close()
    await until(lambda: not server.tasks)
    assert not server.online_map
    await server.stop()


def test_a_thousand_talk_and_all_read_the_same_in_the_same_order() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4 * CROWD, hard)), hard))
    try:
        asyncio.run(come_and_talk())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

"""A Redis, nodes, and a wire between them that can be cut, slowed and silenced."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import redis

from stages.check.program import free_port
from tools.soak.talkers import Talker

START = 15.0  # Seconds until a program must answer.
POLL = 0.02
HEARTBEAT, LEASE = 0.3, 1.8  # Seconds; short, so that a fault does not take long.
CHUNK = 2**16


class Store:
    """A redis-server of our own on a free port; with `keeps`, it writes all to its disk at once."""

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        self.folder = folder
        self.keeps = keeps
        self.port = free_port()
        persistence = ["--appendonly", "yes", "--appendfsync", "always"] if keeps else []
        self.command = [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--dir", str(folder), *persistence,
        ]  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(port=self.port, protocol=2)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with Path(self.folder, "redis.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        deadline = time.monotonic() + START
        while True:
            try:
                self.client.ping()
            except redis.exceptions.RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL)
            else:
                return

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.process:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.client.connection_pool.disconnect()

    def forget(self) -> None:
        """Throw its files away."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)

    def stop(self) -> None:
        """End it for good."""
        self.signal(signal.SIGCONT)
        self.kill()
        self.client.close()


class Proxy:
    """A wire to a port. Bytes pass while `hears` is set, and back while `talks` is."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.delay = 0.0  # Seconds each way.
        self.is_down = False  # Nobody gets through.
        self.hears, self.talks = asyncio.Event(), asyncio.Event()
        self.hears.set()
        self.talks.set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry on a connection."""
        if self.is_down:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        jobs = [
            asyncio.ensure_future(self.carry(reader, there[1], back=False)),
            asyncio.ensure_future(self.carry(there[0], writer, back=True)),
        ]
        self.tasks.update(jobs)
        await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        for job in jobs:
            job.cancel()
        writer.transport.abort()
        there[1].transport.abort()
        self.tasks.difference_update(jobs)

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool
    ) -> None:
        """Bytes from one to the other."""
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await (self.talks if back else self.hears).wait()
                writer.write(data)
                await writer.drain()

    def cut(self) -> None:
        """Break all connections."""
        for task in list(self.tasks):
            task.cancel()

    async def stop(self) -> None:
        """Listen no more."""
        self.server.close()
        self.cut()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class Node:
    """A node, as a program of its own, and its wire to Redis."""

    def __init__(self, number: int, proxy: Proxy, folder: Path, options: Sequence[str]) -> None:
        self.number = number
        self.proxy = proxy
        self.log = folder / f"node{number}.log"
        self.options: Sequence[str] = options
        self.port = free_port()
        self.metrics = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, *, wait: bool = True) -> None:
        """Start it; it listens then, and with `wait` it is one of the room."""
        words = [
            sys.executable, "-m", "im_final", "serve", "--port", str(self.port),
            "--backplane", f"redis://127.0.0.1:{self.proxy.port}/0",
            "--heartbeat", str(HEARTBEAT), "--lease", str(LEASE),
            "--metrics", str(self.metrics), *self.options,
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: ASYNC220 - soon
        await becomes_true(self.listens)
        if wait:
            await becomes_true(self.is_well)

    def listens(self) -> bool:
        """Whether somebody can connect."""
        try:
            socket.create_connection(("127.0.0.1", self.metrics), 1).close()
        except OSError:
            return False
        return True

    def page(self, path: str) -> str:
        """A page of its metrics; also one that says that something is wrong."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.metrics}{path}", timeout=5
            ) as page:
                return str(page.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return str(error.read().decode())
        except OSError as error:
            return str(error)

    def health(self) -> str:
        """What it says of itself."""
        return self.page("/healthz")

    def is_well(self) -> bool:
        """Whether it is one of the room."""
        return self.health() == "ok\n"

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.process:
            self.process.send_signal(number)

    def end(self) -> None:
        """Nothing is left of it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()


class House:
    """A Redis and so many nodes."""

    def __init__(self, folder: Path, nodes: int, *, keeps: bool, options: Sequence[str]) -> None:
        self.folder = folder
        self.store = Store(folder, keeps=keeps)
        self.nodes = [
            Node(number, Proxy(self.store.port), folder, options) for number in range(nodes)
        ]

        self.people: list[Talker] = []

    def talker(self, label: str) -> Talker:
        """Somebody who is not anywhere yet, and is gone at the end."""
        talker = Talker(label)
        self.people.append(talker)
        return talker

    def logs(self) -> str:
        """What the nodes have logged."""
        return "\n".join(f"== {node.log.name}\n{node.log.read_text()}" for node in self.nodes)


@contextlib.asynccontextmanager
async def house(
    nodes: int = 3, *, keeps: bool = False, options: Sequence[str] = (), started: bool = True
) -> AsyncIterator[House]:
    """A house that runs, unless it is to be `started` later; it is taken down at the end."""
    with tempfile.TemporaryDirectory() as folder:
        built = House(Path(folder), nodes, keeps=keeps, options=options)
        try:
            for node in built.nodes:
                await node.proxy.start()
            if started:
                built.store.start()
                await asyncio.gather(*[node.start() for node in built.nodes])
            yield built
        except BaseException as error:
            error.add_note(built.logs() if all(n.log.exists() for n in built.nodes) else "")
            raise
        finally:
            await asyncio.gather(*[person.leaves() for person in built.people])
            for node in built.nodes:
                node.end()
                await node.proxy.stop()
            built.store.stop()


async def becomes_true(condition: Any, within: float = START) -> None:
    """Wait for it. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - a program's state
            await asyncio.sleep(POLL)


def has_redis() -> bool:
    """Whether there is a redis-server to start."""
    return os.name == "posix" and shutil.which("redis-server") is not None

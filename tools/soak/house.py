"""A Redis, nodes, and a wire between them that can be cut, slowed and silenced."""

import asyncio
import contextlib
import os
import re
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
from typing import TYPE_CHECKING, Any

import redis

from tools.soak.clock import Clock
from tools.soak.ports import free_ports
from tools.soak.talkers import Talker

if TYPE_CHECKING:
    from tools.soak.tap import Tap

START = 15.0  # Seconds until a program must answer.
POLL = 0.02
HEARTBEAT, LEASE = 0.3, 1.8  # Seconds; short, so that a fault does not take long.
CHUNK = 2**16
BURIALS = re.compile(r"^im_link_burials_total (\S+)$", re.M)


class Store:
    """A redis-server of our own on a free port; with `keeps`, it writes all to its disk at once.

    With a `clock`, its wall clock is that one.
    """

    def __init__(self, folder: Path, *, keeps: bool = False, clock: Clock | None = None) -> None:
        self.folder = folder
        self.keeps = keeps
        self.clock = clock
        self.port = free_ports()
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
            env = self.clock.environment() if self.clock else None
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=env)
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
        self.handlers: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry on a connection, to its end."""
        handler = asyncio.current_task()
        assert handler  # noqa: S101 - asyncio has made one
        self.handlers.add(handler)
        handler.add_done_callback(self.handlers.discard)
        with contextlib.ExitStack() as ends:
            ends.callback(writer.transport.abort)
            if self.is_down:
                return
            try:
                there = await asyncio.open_connection("127.0.0.1", self.target)
            except OSError:
                return
            ends.callback(there[1].transport.abort)
            if self.is_down:
                return
            jobs = [
                asyncio.ensure_future(self.carry(reader, there[1], back=False)),
                asyncio.ensure_future(self.carry(there[0], writer, back=True)),
            ]
            self.tasks.update(jobs)
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in jobs:
                job.cancel()
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
        self.is_down = True
        self.cut()
        await asyncio.gather(*self.handlers, return_exceptions=True)


class Node:
    """A node, as a program of its own, and its wire to Redis; or to another `backplane`.

    With a `tap`, its output goes through that to its log.
    """

    def __init__(
        self,
        number: int,
        proxy: Proxy,
        folder: Path,
        options: Sequence[str],
        backplane: str = "",
    ) -> None:
        self.number = number
        self.proxy = proxy
        self.backplane = backplane
        self.log = folder / f"node{number}.log"
        self.tap: Tap | None = None
        self.options: Sequence[str] = options
        self.port = free_ports()
        self.metrics = free_ports()
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, *, wait: bool = True) -> None:
        """Start it; it listens then, and with `wait` it is one of the room."""
        words = [
            sys.executable, "-m", "im_final", "serve", "--port", str(self.port),
            "--backplane", self.backplane or f"redis://127.0.0.1:{self.proxy.port}/0",
            "--heartbeat", str(HEARTBEAT), "--lease", str(LEASE),
            "--metrics", str(self.metrics), *self.options,
        ]  # fmt: skip
        with self.tap.inlet() if self.tap else self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: ASYNC220 - soon
        await becomes_true(self.listens)
        if wait:
            await becomes_true(self.is_well)

    def metrics_ports(self) -> Sequence[int]:
        """The ports of its pages: one for each process."""
        return [self.metrics]

    def listens(self) -> bool:
        """Whether somebody can connect."""
        try:
            for port in self.metrics_ports():
                socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    def pages(self, path: str) -> list[str]:
        """A page of its metrics, from each process; also one that says that something is wrong."""
        return [page(port, path) for port in self.metrics_ports()]

    def page(self, path: str) -> str:
        """The page of its first process."""
        return self.pages(path)[0]

    def health(self) -> str:
        """What it says of itself."""
        return self.page("/healthz")

    def is_well(self) -> bool:
        """Whether it is one of the room."""
        return set(self.pages("/healthz")) == {"ok\n"}

    def burials(self) -> int:
        """How often it was taken for dead, since it was started."""
        return sum(int(float(found)) for found in BURIALS.findall("".join(self.pages("/metrics"))))

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


def page(port: int, path: str) -> str:
    """The page at this path, also if it is an error."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as found:
            return str(found.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return str(error.read().decode())
    except OSError as error:
        return str(error)


class House:
    """A Redis and some nodes, in a folder of their own."""

    def __init__(self, folder: Path, store: Store, nodes: list[Node]) -> None:
        self.folder = folder
        self.store = store
        self.nodes = nodes
        self.people: list[Talker] = []

    def talker(self, label: str) -> Talker:
        """Somebody who is not anywhere yet, and is gone at the end."""
        talker = Talker(label)
        self.people.append(talker)
        return talker

    def logs(self) -> str:
        """What the nodes have logged."""
        found = [node.log for node in self.nodes if node.log.exists()]
        return "\n".join(f"== {log.name}\n{log.read_text()}" for log in found)

    async def start(self) -> None:
        """Start Redis, and then all nodes."""
        self.store.start()
        await asyncio.gather(*[node.start() for node in self.nodes])

    async def stop(self) -> None:
        """End all that runs, and the people."""
        await asyncio.gather(*[person.leaves() for person in self.people])
        for node in self.nodes:
            node.end()
            await node.proxy.stop()
        self.store.stop()


@contextlib.asynccontextmanager
async def house(
    nodes: int = 3, *, keeps: bool = False, options: Sequence[str] = (), started: bool = True
) -> AsyncIterator[House]:
    """A house that runs, unless it is to be `started` later; it is taken down at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(folder, keeps=keeps)
        proxies = [Proxy(store.port) for _ in range(nodes)]
        built = House(
            folder,
            store,
            [Node(number, proxy, folder, options) for number, proxy in enumerate(proxies)],
        )
        async with running(built, started=started):
            yield built


@contextlib.asynccontextmanager
async def running(built: House, *, started: bool = True) -> AsyncIterator[None]:
    """A house runs, unless it is to be `started` later; it is taken down at the end."""
    try:
        for node in built.nodes:
            await node.proxy.start()
        if started:
            await built.start()
        yield
    except BaseException as error:
        error.add_note(built.logs())
        raise
    finally:
        await built.stop()


async def becomes_true(condition: Any, within: float = START) -> None:
    """Wait for it. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - a program's state
            await asyncio.sleep(POLL)


def has_redis() -> bool:
    """Whether there is a redis-server to start."""
    return os.name == "posix" and shutil.which("redis-server") is not None

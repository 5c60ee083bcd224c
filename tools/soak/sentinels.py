"""A Redis, its replica, and three Sentinels that put the replica in its place when it dies.

All are programs on free ports of loopback, with files as Sentinel itself rewrites them: so a master
that was killed comes back as a master, and is made a replica by the Sentinels, some seconds later.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis

from tools.soak.house import POLL, Store

SERVICE = "chat"  # What the Sentinels call the master, whichever server that is.
DOWN_AFTER = 0.6  # Seconds without an answer, after which a server is taken for dead.
RETRY = 1.5  # A failover may not be begun again within twice as many seconds.
OFTEN = ("INFO-PERIOD", "300", "PUBLISH-PERIOD", "300")  # Milliseconds; it is 10 s and 2 s else.
PATIENCE = 30.0  # Seconds that anything may take.


class Server(Store):
    """A Redis that can become the replica of another, and another's master."""

    def __init__(self, folder: Path, password: str, *lines: str) -> None:
        folder.mkdir()
        super().__init__(folder)
        settings = [
            f"port {self.port}", "bind 127.0.0.1", f"dir {folder}", 'save ""',
            "repl-diskless-sync-delay 0", *lines,
        ]  # fmt: skip
        if password:
            settings += [f"requirepass {password}", f"masterauth {password}"]
        self.command = ["redis-server", written(folder / "redis.conf", settings)]
        self.client = redis.Redis(port=self.port, password=password or None, protocol=2)

    @property
    def role(self) -> str:
        """What it says that it is: master or slave."""
        return str(self.client.info("replication")["role"])

    def passes_on(self) -> bool:
        """True if what it is told goes to its replica: not before that has said that it is ready.

        It says so once a second.
        """
        return bool(self.client.info("replication")["slave0"]["offset"] > 0)


class Sentinel(Store):
    """One that watches a master."""

    def __init__(self, folder: Path, master: int, password: str, own_password: str) -> None:
        folder.mkdir()
        super().__init__(folder)
        settings = [
            f"port {self.port}", "bind 127.0.0.1", f"dir {folder}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {master} 2",
            f"sentinel down-after-milliseconds {SERVICE} {1000 * DOWN_AFTER:.0f}",
            f"sentinel failover-timeout {SERVICE} {1000 * RETRY:.0f}",
        ]  # fmt: skip
        if password:
            settings.append(f"sentinel auth-pass {SERVICE} {password}")
        if own_password:
            settings.append(f"requirepass {own_password}")
        self.command = ["redis-server", written(folder / "sentinel.conf", settings), "--sentinel"]
        self.client = redis.Redis(port=self.port, password=own_password or None, protocol=2)

    def start(self) -> None:
        """Start it; it looks at the others more often than usual, so that tests take less time."""
        super().start()
        self.ask("DEBUG", *OFTEN)

    def ask(self, *words: str) -> Any:
        """The answer to `SENTINEL ...`, as it comes."""
        connection = self.client.connection_pool.get_connection()
        try:
            connection.send_command("SENTINEL", *words)
            return connection.read_response()
        finally:
            self.client.connection_pool.release(connection)

    def master_port(self) -> int:
        """Where it says that the master is."""
        return int(self.ask("GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def knows_all(self, sentinels: int) -> bool:
        """Whether it knows the replica and that many Sentinels, and takes nobody for dead."""
        found = self.ask("MASTER", SERVICE)
        state = dict(zip(found[::2], found[1::2], strict=True))
        replicas = [
            dict(zip(one[::2], one[1::2], strict=True)) for one in self.ask("REPLICAS", SERVICE)
        ]
        return (
            state[b"flags"] == b"master"
            and int(state[b"num-other-sentinels"]) == sentinels - 1
            and [one[b"flags"] for one in replicas] == [b"slave"]
            and replicas[0][b"master-link-status"] == b"ok"
        )


class Trio:
    """Two servers, of which one is the master, and three Sentinels.

    The servers may have a password, and the Sentinels another. `lines` are more of the servers'
    configuration.
    """

    def __init__(
        self, folder: Path, *lines: str, password: str = "", sentinel_password: str = ""
    ) -> None:
        self.servers = [Server(folder / f"redis{at}", password, *lines) for at in range(2)]
        first = self.servers[0].port
        self.sentinels = [
            Sentinel(folder / f"sentinel{at}", first, password, sentinel_password)
            for at in range(3)
        ]

    @property
    def url(self) -> str:
        """For `--backplane`; without passwords."""
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    def start(self) -> None:
        """Start all, and wait until they know of each other."""
        for server in self.servers:
            server.start()
        master, replica = self.servers
        replica.client.replicaof("127.0.0.1", master.port)
        replica.client.config_rewrite()
        for sentinel in self.sentinels:
            sentinel.start()
        self.wait_until_settled()

    def wait_until_settled(self) -> None:
        """Wait until a failover, if there could be one, would succeed. Raises TimeoutError."""
        sentinels = len(self.sentinels)
        for one in self.sentinels:
            wait_for(lambda one=one: one.knows_all(sentinels))  # type: ignore[misc]
        wait_for(lambda: len({one.master_port() for one in self.sentinels}) == 1)
        wait_for(self.master.passes_on)

    @property
    def master(self) -> Server:
        """The server that the first Sentinel names."""
        port = self.sentinels[0].master_port()
        return next(one for one in self.servers if one.port == port)

    @property
    def replica(self) -> Server:
        """The other."""
        master = self.master
        return next(one for one in self.servers if one is not master)

    def fail_over(self) -> None:
        """Let the replica take over from a master that lives; wait until all Sentinels say so."""
        new = self.replica
        self.sentinels[0].ask("FAILOVER", SERVICE)
        self.wait_for_master(new)

    def wait_for_master(self, new: Server) -> None:
        """Wait until all Sentinels name this one. Raises TimeoutError."""
        wait_for(lambda: {one.master_port() for one in self.sentinels} == {new.port})

    def stop(self) -> None:
        """End all."""
        for one in (*self.sentinels, *self.servers):
            one.stop()


@contextlib.contextmanager
def trio(
    folder: Path, *lines: str, password: str = "", sentinel_password: str = ""
) -> Iterator[Trio]:
    """A trio that runs, and is gone at the end."""
    made = Trio(folder, *lines, password=password, sentinel_password=sentinel_password)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def written(path: Path, lines: list[str]) -> str:
    """A file of these lines; its path."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask until it is so. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(redis.exceptions.RedisError, KeyError):
            if condition():
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {PATIENCE:.0f} s")
        time.sleep(POLL)

"""A node of `--workers`: a supervisor above processes that share a port."""

from collections.abc import Sequence, Set
from contextlib import suppress
from pathlib import Path

import psutil

from tools.soak.house import Node, Proxy
from tools.soak.ports import free_ports

WORKERS = 2
TIMEOUT = 3  # Seconds; the least that --worker-timeout may be.


class Crew(Node):
    """A supervisor and its workers, each of which is a node of the room."""

    def __init__(self, number: int, proxy: Proxy, folder: Path, options: Sequence[str]) -> None:
        own = ["--workers", str(WORKERS), "--worker-timeout", str(TIMEOUT)]
        super().__init__(number, proxy, folder, [*options, *own])
        self.metrics = free_ports(WORKERS)

    def metrics_ports(self) -> Sequence[int]:
        """A port for each worker."""
        return range(self.metrics, self.metrics + WORKERS)

    def workers(self) -> list[psutil.Process]:
        """The workers that live."""
        return psutil.Process(self.process.pid).children() if self.process else []

    def worker_of(self, people: Set[str]) -> tuple[psutil.Process, Set[str]]:
        """A worker that some of these people, given as `ip:port`, are connected to, and these."""
        found = {worker: peers(worker) & people for worker in self.workers()}
        return max(found.items(), key=lambda one: len(one[1]))

    def end(self) -> None:
        """Nothing is left of it, also of a worker that hangs."""
        with suppress(psutil.NoSuchProcess):
            for worker in self.workers():
                worker.kill()
        super().end()


def peers(worker: psutil.Process) -> set[str]:
    """The addresses, as `ip:port`, that are connected to this process."""
    with suppress(psutil.Error):
        found = worker.net_connections("tcp4")
        return {f"{one.raddr.ip}:{one.raddr.port}" for one in found if one.raddr}
    return set()

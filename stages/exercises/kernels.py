"""The kernels of exercises, lessons and tests: where they listen, and how one runs a cell.

What a cell gives is told by the kernel's reply as well as by what it shows: an error that cannot be
shown is an error all the same, and a kernel that ended is not one that takes long.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from signal import Signals
from typing import Any, Literal, Self

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import localinterfaces
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

START = 60.0  # Seconds in which a kernel has to start, on a machine with much to do.
INTERRUPTED = 3.0  # Seconds in which an interrupted cell has to end; then the kernel is killed.
REPLY = 3.0  # Seconds in which a kernel has to reply once it has said that a cell is done.
LOOK = 0.2  # Seconds between two looks whether the kernel is still alive.

# What changes how a Python or an IPython behaves: a grade must not depend on it.
NOT_FOR_KERNELS = ("PYTHON", "IPYTHON", "JUPYTER_CONFIG", "PYDEVD")

Output = Mapping[str, Any]


def kernels_apart() -> None:
    """Give the kernels of this process an address of their own, where the system has enough.

    A kernel is told its ports before it listens on them: meanwhile a server that asks for any free
    port could be given one of these, in another cell or test, and the kernel could not start.
    """
    if sys.platform == "linux" and localinterfaces.localhost() == "127.0.0.1":
        number = os.getpid()
        address = f"127.{number >> 16 | 128}.{number >> 8 & 255}.{number & 255}"
        localinterfaces.LOCALHOST = address
        localinterfaces.LOCAL_IPS.append(address)


@contextmanager
def loop_of_this_thread() -> Iterator[None]:
    """Close, at the end, the event loop in which this thread talks to its kernels."""
    loop = ensure_event_loop()
    try:
        yield
    finally:
        loop.close()


@dataclass
class Ran:
    """What running a cell gave: the text of its last value, or "", and its error, if there is one.

    `ended` is "late" if the cell had to be stopped, and "died" if the kernel ended, for the reason
    `why`. In both cases the kernel may be gone.
    """

    ended: Literal["done", "late", "died"] = "done"
    value: str = ""
    error: Output | None = None
    why: str = ""


class ThisPython(KernelSpecManager):
    """Knows one kernel, that of this Python: another's may be installed under the same name."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """This Python's."""
        return self.kernel_spec_class(resource_dir=kernel_name, **get_kernel_dict())


class Kernel:
    """A running kernel in `folder`, which finds the modules of the course in `root`.

    Raises RuntimeError, or what starting a process raises, if it does not start.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.manager = KernelManager(kernel_spec_manager=ThisPython())
        self.client: BlockingKernelClient | None = None
        try:
            self._start(folder, root)
        except BaseException:
            self.stop()
            raise

    def _start(self, folder: Path, root: Path) -> None:
        logging.getLogger("traitlets").setLevel(logging.ERROR)  # It warns of TCP at every start.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(NOT_FOR_KERNELS)
        }
        self.manager.start_kernel(
            cwd=str(folder),
            env={**kept, "PYTHONPATH": str(root), "IPYTHONDIR": self.home.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START)

    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self.client is not None and bool(self.manager.is_alive())

    def run(self, source: str, seconds: float) -> Ran:
        """Run a cell, for so many seconds at most."""
        client = self.client
        if client is None:
            return Ran("died", why="it had ended before")
        message = client.execute(source, store_history=False, allow_stdin=False)
        ran = Ran()
        ended = self._listen(client, message, ran, seconds)
        if ended == "late":
            self.manager.interrupt_kernel()
            after = Ran()
            if self._listen(client, message, after, INTERRUPTED) != "done":
                self.stop()
            return Ran("late", error=after.error)
        if ended == "died":
            return Ran("died", why=self._how_it_died())
        return self._replied(client, message, ran)

    def _listen(
        self, client: BlockingKernelClient, message: str, ran: Ran, seconds: float
    ) -> Literal["done", "late", "died"]:
        """Take in what a cell shows until it is done; what it prints is its own affair."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                came = client.get_iopub_msg(timeout=min(left, LOOK))
            except Empty:
                if not self.manager.is_alive():
                    return "died"
                continue
            if came["parent_header"].get("msg_id") != message:
                continue
            content = came["content"]
            if came["msg_type"] == "status" and content["execution_state"] == "idle":
                return "done"
            if came["msg_type"] == "execute_result":
                ran.value = content["data"].get("text/plain", "")
            elif came["msg_type"] == "error":
                ran.error = content
        return "late"

    def _replied(self, client: BlockingKernelClient, message: str, ran: Ran) -> Ran:
        """The same, with what the reply has to say."""
        deadline = time.monotonic() + REPLY
        while (left := deadline - time.monotonic()) > 0:
            try:
                came = client.get_shell_msg(timeout=min(left, LOOK))
            except Empty:
                if not self.manager.is_alive():
                    return Ran("died", why=self._how_it_died())
                continue
            if came["parent_header"].get("msg_id") != message:
                continue
            reply = came["content"]
            if any(one.get("source") == "ask_exit" for one in reply.get("payload", ())):
                self.stop()
                return Ran("died", why="it called `exit()`")
            if reply["status"] != "ok" and ran.error is None:
                ran.error = reply
            return ran
        self.stop()
        return Ran("died", why="it has broken what the kernel replies with")

    def _how_it_died(self) -> str:
        process = getattr(self.manager.provisioner, "process", None)
        status = process.poll() if process else None
        self.stop()
        if status is not None and status < 0:
            return f"by the signal {Signals(-status).name}"
        return "by itself" if status is None else f"with status {status}"

    def kill(self) -> None:
        """End the process while another thread waits for it, which will see that it died."""
        process = getattr(self.manager.provisioner, "process", None)
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """End the process; nothing happens if that was done before."""
        if self.client is not None:
            self.client.stop_channels()
            self.client = None
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.home.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

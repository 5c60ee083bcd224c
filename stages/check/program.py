"""The server under test as a process that the checks start, watch and end.

Open files, processor time and memory are read from /proc, for the program and what it started;
elsewhere than on Linux those measurements raise Skip.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from stages.check.failure import Failure, Skip

START = 10.0  # Seconds until a program must listen.
END = 3.0  # Seconds it has to end when asked to.
POLL = 0.01
KEPT = 10_000  # Lines of output.
BUSY = 0.5  # Share of a core that a server with nothing to do must stay under.
LOUD = 1_000_000  # Bytes of log that it must stay under meanwhile.


class CannotStart(Exception):
    """The program did not begin to listen; the message says why."""


class Program:
    """A started server. `output` and `errors` are its lines so far."""

    def __init__(self, command: Sequence[str], idle: float, port: int | None = None) -> None:
        self.port = port or free_port()
        fill = {"{port}": str(self.port), "{idle}": f"{idle:g}"}
        argv = [replace_all(word, fill) for word in command]
        try:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStart(f"cannot run {argv[0]}: {error.strerror}") from error
        self.command = command
        self.idle = idle
        self.asked_to_end = False
        self.output: deque[str] = deque(maxlen=KEPT)
        self.errors: deque[str] = deque(maxlen=KEPT)
        self.logged = 0
        self._readers = [
            self._collect(self.process.stdout, self.output),
            self._collect(self.process.stderr, self.errors),
        ]

    def _collect(self, stream: IO[bytes] | None, lines: deque[str]) -> threading.Thread:
        def read() -> None:
            assert stream is not None
            with stream:
                for line in stream:
                    self.logged += len(line)
                    lines.append(line.decode(errors="replace").rstrip("\r\n"))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def wait_until_listening(self) -> None:
        """Return when it accepts a connection. Raises CannotStart."""
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self._join_readers()
                raise CannotStart(f"the server ended at once, {self.how_it_ended()}")
            try:
                probe = socket.create_connection(("127.0.0.1", self.port), 1)
            except OSError:
                time.sleep(POLL)
                continue
            with probe, contextlib.suppress(OSError):  # Leave as a user would, and see it done.
                probe.shutdown(socket.SHUT_WR)
                while probe.recv(4096):
                    pass
            return
        raise CannotStart(f"the server did not listen on port {self.port} in {START:g} s")

    def how_it_ended(self) -> str:
        """Its exit status, with the last thing it said on stderr."""
        status = self.process.returncode
        words = f"killed by signal {-status}" if status < 0 else f"with status {status}"
        said = [line for line in self.errors if line.strip()]
        return f"{words}: {said[-1].strip()}" if said else words

    @property
    def ended(self) -> bool:
        """Whether the process is no more."""
        return self.process.poll() is not None

    def wait_end(self, seconds: float) -> int | None:
        """Its exit status, or None if it still runs after `seconds`."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._join_readers()
        return status

    def ask_to_end(self, number: signal.Signals) -> None:
        """Send it a signal, after which its end is no crash."""
        self.asked_to_end = True
        self.process.send_signal(number)

    def start_another_on_the_same_port(self) -> "Program":
        """The same command once more, which cannot succeed."""
        return Program(self.command, self.idle, self.port)

    def stop(self) -> None:
        """End it, gently first."""
        if not self.ended:
            self.process.terminate()
            if self.wait_end(END) is None:
                self._kill()
        self._kill_group()
        self._join_readers()

    def _kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _kill_group(self) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _join_readers(self) -> None:
        for thread in self._readers:
            thread.join(1)

    # What can be asked of it.

    def count_printed(self, text: str) -> int:
        """Lines of its standard output so far that have `text` in them."""
        return sum(text in line for line in list(self.output))

    def prints(self, text: str, times: int, patience: float) -> None:
        """It has printed `times` lines with `text` in them, or does so in time."""
        if not becomes_true(lambda: self.count_printed(text) >= times, patience):
            found = self.count_printed(text)
            raise Failure(f"{found} of {times} lines in its log after {patience:g} s", text)

    def has_at_most_open(self, count: int, patience: float) -> None:
        """It has closed all but `count` files, or does so in time."""
        if not becomes_true(lambda: self.open_files() <= count, patience):
            more = self.open_files() - count
            raise Failure(f"{more} more files are open than before, after {patience:g} s")

    def has_grown_at_most(self, limit: int, since: int) -> None:
        """It does not use more than `limit` bytes above what it used then."""
        if (grown := self.memory() - since) > limit:
            raise Failure(f"its memory grew by {grown >> 20} MiB, over {limit >> 20}")

    def is_calm(self, seconds: float) -> None:
        """With nothing to do for so long, it uses no processor and fills no log."""
        cpu, logged = self.cpu_seconds(), self.logged
        time.sleep(seconds)
        if self.cpu_seconds() - cpu > BUSY * seconds:
            raise Failure("it has nothing to do, and keeps a processor busy")
        if self.logged - logged > LOUD:
            raise Failure("it has nothing to do, and fills its log")

    # What only the system can tell.

    def pids(self) -> list[int]:
        """The program and what it started."""
        if sys.platform != "linux":
            raise Skip("needs Linux: it reads /proc")
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and process_group(entry) == self.process.pid
        ]

    def open_files(self) -> int:
        """Open file descriptors, sockets included."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Resident bytes."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def limit_open_files(self, count: int | None) -> None:
        """Let it open no more than `count` files; None lifts that again."""
        pids = self.pids()
        import resource  # noqa: PLC0415 - not on every system

        for pid in pids:
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (count or hard, hard))


def becomes_true(condition: Callable[[], bool], patience: float) -> bool:
    """Whether `condition` holds within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def process_group(entry: Path) -> int | None:
    """The process group of a /proc entry, or None when it has just gone."""
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def replace_all(text: str, fill: dict[str, str]) -> str:
    """`text` with each key of `fill` replaced by its value."""
    for key, value in fill.items():
        text = text.replace(key, value)
    return text

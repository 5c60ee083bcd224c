"""The server under test as a process that the checks start, watch and end."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from stages.check import resources
from stages.check.failure import Failure, Skip
from stages.check.leave import leave

PATIENCE = 2.0  # Seconds that any wait may take.
START = 10.0  # Seconds until a program must listen.
END = 3.0  # Seconds it has to end when asked to.
STRANGE = 1.0  # Seconds after which a program whose listening cannot be seen is believed.
POLL = 0.01  # Seconds between two looks at something that cannot be waited for.
KEPT = 10_000  # Lines of a log that are kept.
BUSY = 0.15  # Of a core: a loaded machine gives even a busy loop no more than a part of one.
LOUD = 1_000_000  # Bytes of log that it must stay under meanwhile.


class CannotStart(Exception):
    """The program did not begin to listen; the message says why."""


class Log:
    """What a program writes to one of its streams, read in a thread so that it never has to wait.

    `lines` are the last ones, `count` and `size` (bytes) are of all.
    """

    def __init__(self, stream: IO[bytes] | None) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.count = 0
        self.size = 0
        self.stream = stream
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        if self.stream is None:
            return
        with self.stream:
            for line in self.stream:
                self.lines.append(line.decode(errors="replace").rstrip("\r\n"))
                self.count += 1
                self.size += len(line)

    def last(self) -> str:
        """The last line that has anything in it."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), "")

    def with_text(self, text: str) -> int:
        """How many of the lines have `text` in them."""
        return sum(text in line for line in list(self.lines))


class Program:
    """A server started from `command`, in which `{port}` and `{idle}` are filled in.

    Raises CannotStart when there is no such program.
    """

    def __init__(self, command: Sequence[str], idle: float, port: int | None = None) -> None:
        self.command = command
        self.idle = idle
        self.may_move = port is None
        self.lease: socket.socket | None = None
        self.asked_to_end = False
        self._start(port)

    def _start(self, port: int | None = None) -> None:
        self._end_lease()
        if port is None:
            port, self.lease = lease_port()
        self.port = port
        argv = [
            word.replace("{port}", str(port)).replace("{idle}", f"{self.idle:g}")
            for word in self.command
        ]
        try:
            self.process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self._end_lease()
            raise CannotStart(f"cannot run {argv[0]}: {error.strerror}") from error
        self.stdout = Log(self.process.stdout)
        self.stderr = Log(self.process.stderr)

    # Its life.

    def wait_until_listening(self, patience: float = PATIENCE) -> None:
        """Return when it accepts a connection. Raises CannotStart.

        Whoever connected should be out of the room when the next one comes, so we wait until the
        server lets go of them, for `patience` seconds at most.

        A port that was free can be somebody else's a moment later. So a program that ends because
        its port is taken gets another one, and who answers must not be a stranger.
        """
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if self.wait_end(0) is not None:
                if self.may_move and is_taken(self.port):
                    self._start()
                    continue
                words = f": {self.stderr.last()}" if self.stderr.count else ""
                raise CannotStart(f"the server ended at once, {self.how_it_ended()}{words}")
            try:
                probe = socket.create_connection(("127.0.0.1", self.port), 1)
            except OSError:
                time.sleep(POLL)
                continue
            with probe:
                if self.may_move and not self.is_the_listener(deadline):
                    continue
                with contextlib.suppress(OSError):  # What is wrong here, the checks tell better.
                    leave(probe, patience)
            return
        raise CannotStart(f"the server did not listen on port {self.port} within {START:g} s")

    def is_the_listener(self, deadline: float) -> bool:
        """Whether it is this program that listens; if another does, this one will end of that.

        A program may have put itself where it cannot be seen (a container), so after STRANGE
        seconds in which it did not end, it is believed.
        """
        deadline = min(deadline, time.monotonic() + STRANGE)
        with contextlib.suppress(Skip):
            while not resources.listens(self.process.pid, self.port):
                if self.wait_end(POLL) is not None:
                    return not is_taken(self.port)
                if time.monotonic() > deadline:
                    break
        return True

    def start_another_on_the_same_port(self) -> "Program":
        """The same command once more, which cannot succeed."""
        return Program(self.command, self.idle, self.port)

    def ask_to_end(self, number: signal.Signals) -> None:
        """Send it a signal, after which its end is no crash."""
        self.asked_to_end = True
        self.process.send_signal(number)

    def wait_end(self, seconds: float) -> int | None:
        """Its exit status, with the logs complete; None if it still runs after `seconds`."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        for log in (self.stdout, self.stderr):
            log.thread.join(1)  # Something it started may still hold the pipe.
        return status

    def how_it_ended(self) -> str:
        """Its exit status, in words."""
        status = self.process.returncode
        return f"by signal {-status}" if status < 0 else f"with status {status}"

    def stop(self) -> None:
        """End it and what it started, gently first."""
        if self.process.poll() is None:
            self.process.terminate()
            if self.wait_end(END) is None:
                self.process.kill()
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.wait_end(END)
        self._end_lease()

    def _end_lease(self) -> None:
        if self.lease:
            self.lease.close()
            self.lease = None

    # What is expected of it; each raises Failure.

    def prints(self, text: str, times: int, patience: float) -> None:
        """It has printed `times` lines with `text` in them, or does so in time."""
        if not becomes_true(lambda: self.stdout.with_text(text) >= times, patience):
            found = self.stdout.with_text(text)
            cause = f"in {patience:g} s its standard output has {found} of {times} such lines"
            raise Failure(cause, text)

    def has_at_most_open(self, count: int, patience: float) -> None:
        """It has closed all but `count` files, or does so in time."""
        if not becomes_true(lambda: self.open_files() <= count, patience):
            raise Failure(f"more files are open than before, after {patience:g} s")

    def has_grown_at_most(self, limit: int, since: int) -> None:
        """It does not use more than `limit` bytes above the `since` that it used then."""
        if self.memory() - since > limit:
            raise Failure(f"its memory grew by more than {limit >> 20} MiB")

    def is_calm(self, seconds: float) -> None:
        """With nothing to do for so long, it uses no processor and fills no log."""
        cpu, logged = self.cpu_seconds(), self.stdout.size + self.stderr.size
        time.sleep(seconds)
        if self.cpu_seconds() - cpu > BUSY * seconds:
            raise Failure("it has nothing to do, and keeps a processor busy")
        if self.stdout.size + self.stderr.size - logged > LOUD:
            raise Failure("it has nothing to do, and fills its log")

    # What it uses.

    def open_files(self) -> int:
        """Open file descriptors, sockets included."""
        return resources.open_files(self.process.pid)

    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        return resources.cpu_seconds(self.process.pid)

    def memory(self) -> int:
        """Resident bytes."""
        return resources.memory(self.process.pid)

    def limit_open_files(self, count: int | None) -> None:
        """Let it open no more than `count` files; None lifts that again."""
        resources.limit_open_files(self.process.pid, count)


@contextlib.contextmanager
def ctrl_c_put_off() -> Iterator[None]:
    """Raise KeyboardInterrupt only at the end: `Popen` would forget a child just started."""
    if threading.current_thread() is not threading.main_thread():  # Ctrl-C does not come here.
        yield
        return
    came: list[Any] = []
    before = signal.signal(signal.SIGINT, lambda *arguments: came.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])


def becomes_true(condition: Callable[[], bool], patience: float) -> bool:
    """Whether `condition` holds within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as sock:
        if os.name != "nt":  # There it would take the port from its owner.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """A port that nobody listens on now, and that nobody else gets from here as long as we run."""
    port, lease = lease_port()
    atexit.register(lease.close)  # Which keeps it until then.
    return port


def lease_port() -> tuple[int, socket.socket]:
    """A port that nobody listens on now, and what keeps others from getting it from here.

    That is the UDP port of the same number, which no server of ours uses.
    """
    while True:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
        lease = socket.socket(type=socket.SOCK_DGRAM)
        try:
            lease.bind(("127.0.0.1", port))
        except OSError:
            lease.close()
        else:
            return port, lease

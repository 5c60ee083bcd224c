"""The server under test as a process that the checks start, watch and end."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stages import phrases
from stages.check import resources
from stages.check.failure import Failure, Skip
from stages.check.leave import leave
from stages.check.log import Log

PATIENCE = 2.0  # Seconds that any wait may take.
START = 10.0  # Seconds until a program must listen.
END = 3.0  # Seconds it has to end when asked to.
STRANGE = 1.0  # Seconds after which a program whose listening cannot be seen is believed.
POLL = 0.01  # Seconds between two looks at something that cannot be waited for.
BUSY = 0.15  # Of a core: a loaded machine gives even a busy loop no more than a part of one.
RESTLESS = 0.7  # Of the time: so long it wants a core. One at rest wakes now and then, and waits.
LOUD = 1_000_000  # Bytes of log that it must stay under meanwhile.
TIMES = 10  # Times of which one must cost no memory.


class CannotStart(Exception):
    """The program did not begin to listen; the message says why."""


class Program:
    """A server started from `command`, in which `{port}` and `{idle}` are filled in.

    `start` is how long it may take to listen, in seconds.
    Raises CannotStart when there is no such program.
    """

    def __init__(
        self, command: Sequence[str], idle: float, port: int | None = None, start: float = START
    ) -> None:
        self.command = command
        self.idle = idle
        self.start = start
        self.may_move = port is None
        self.lease: socket.socket | None = None
        self.asked_to_end = False
        self.announced_too_early = False
        self.visitors: set[str] = set()  # The addresses of all who have come to it from here.
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
        deadline = time.monotonic() + self.start
        while time.monotonic() < deadline:
            announced = self.stdout.with_text(phrases.READY) > 0
            if self.wait_end(0) is not None:
                if self.may_move and is_taken(self.port):
                    self._start()
                    continue
                words = f": {self.stderr.last()}" if self.stderr.count else ""
                raise CannotStart(f"the server ended at once, {self.how_it_ended()}{words}")
            try:
                probe = socket.create_connection(("127.0.0.1", self.port), 1)
            except OSError:
                self.announced_too_early |= announced
                time.sleep(POLL)
                continue
            with probe:
                self.visitors.add("{}:{}".format(*probe.getsockname()))
                if self.may_move and not self.is_the_listener(deadline):
                    continue
                with contextlib.suppress(OSError):  # What is wrong here, the checks tell better.
                    leave(probe, patience)
            return
        within = f"within {self.start:g} s (--start gives it longer)"
        raise CannotStart(f"the server did not listen on port {self.port} {within}")

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

    def ask_all_to_end(self, number: signal.Signals) -> None:
        """Send a signal to it and to what it started, as a terminal does."""
        self.asked_to_end = True
        os.killpg(self.process.pid, number)

    def wait_all_end(self, seconds: float) -> int | None:
        """As `wait_end`, and what it started has ended as well."""
        deadline = time.monotonic() + seconds
        status = self.wait_end(seconds)
        alone = becomes_true(lambda: not self.has_others(), deadline - time.monotonic())
        return status if alone else None

    def has_others(self) -> bool:
        """Whether something that it started still runs."""
        with contextlib.suppress(Skip):
            return any(pid != self.process.pid for pid in resources.running(self.process.pid))
        return False

    def wrapper(self) -> str | None:
        """The name of the command, if not itself but something that it started is the server."""
        with contextlib.suppress(Skip):
            found = resources.who_listens(self.process.pid, self.port)
            if found and self.process.pid not in found:
                return os.path.basename(self.command[0])
        return None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Stop it while something is sent, which it then finds all at the same moment."""
        if not hasattr(os, "killpg"):
            yield
            return
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            with contextlib.suppress(Skip):
                becomes_true(lambda: resources.stands(self.process.pid), PATIENCE)
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

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
            garbled = self.stdout.garbled(text)
            if garbled and not found:
                cause = "its standard output is in an encoding that does not have these characters"
            raise Failure(cause, text, garbled)

    def has_at_most_open(self, count: int, patience: float) -> None:
        """It has closed all but `count` files, or does so in time."""
        if not becomes_true(lambda: self.open_files() <= count, patience):
            raise Failure(f"more files are open than before, after {patience:g} s")

    def keeps_nothing(self, act: Callable[[], None], limit: int, times: int = TIMES) -> None:
        """Whatever is done once more costs it no memory: `limit` bytes at most, of `times` once.

        The first time may: a collector's heap grows to its size (Node, the JVM, Go). It may take
        a few times; what is kept, however, costs as much every time.
        """
        act()
        for _ in range(times):
            before = self.memory()
            act()
            if self.memory() - before <= limit:
                return
        raise Failure(f"its memory grows by more than {limit / (1 << 20):g} MiB each time")

    def is_calm(self, seconds: float) -> None:
        """With nothing to do for so long, it uses no processor and fills no log."""
        cpu, logged = self.cpu_seconds(), self.stdout.size + self.stderr.size
        before = resources.wanted_seconds(self.process.pid)
        time.sleep(seconds)
        after = resources.wanted_seconds(self.process.pid)
        longest = max((after[one] - before.get(one, after[one]) for one in after), default=0.0)
        if self.cpu_seconds() - cpu > BUSY * seconds or longest > RESTLESS * seconds:
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

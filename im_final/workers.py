"""Many processes on one port: a supervisor starts them, starts again who dies, and ends them all.

    supervisor ──fork──▶ worker: a server of its own, on a socket of its own
               ──fork──▶ worker

All sockets have the same address (SO_REUSEPORT, Linux 3.9), and the system spreads the connections
over them. The supervisor keeps each of them open, so who connects while a worker is dead waits in
that one's queue for the next. What makes one room of them is the backplane.

A worker whose event loop hangs serves nobody, and the system goes on to give it connections. So
each worker has a byte of memory that the supervisor can see, and counts it up from its loop. If a
byte has not changed for `worker_timeout`, the supervisor kills that worker and starts another. When
all are to end, it kills those that have not ended END seconds after `drain`.

A worker is told to end by the end of a pipe: it hears that also when the supervisor was killed. So
a signal to the whole group, as from a terminal or a service manager, is not heard twice. A worker
tells that it listens by SIGUSR1; with the first, the service manager is told that all is ready.
"""

import logging
import mmap
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from im_final import listeners, logs, systemd
from im_final.clock import RunningClock
from im_final.settings import Settings

FIRST_PAUSE = 0.1  # Seconds until a dead worker is started again; doubled for one that dies soon.
LAST_PAUSE = 10.0
REFUSED = 1  # The exit status of a worker that cannot start.
BUG = 70  # That of one that a bug ended (EX_SOFTWARE of sysexits.h).
SOON = 30.0  # Seconds in which a death is soon.
BEAT = 0.5  # Seconds between two signs of life of a worker, and between two looks at them.
END = 5.0  # Seconds beyond `drain` that a worker has to end; it needs two, and a bit of processor.

log = logging.getLogger("im_final")


@dataclass(frozen=True)
class Place:
    """What a worker is given: number, sockets, a pipe whose end the supervisor has, its pid.

    And `beats`, a byte for each worker that all processes see.
    """

    number: int
    sockets: Sequence[socket.socket]
    lifeline: int
    supervisor: int
    beats: memoryview

    def listen(self) -> Sequence[socket.socket]:
        """The sockets, which listen from now on, if they have not before."""
        for sock in self.sockets:
            sock.listen(listeners.BACKLOG)
        return self.sockets

    def beat(self) -> None:
        """Give a sign of life."""
        self.beats[self.number] = (self.beats[self.number] + 1) % 256

    def tell_ready(self) -> None:
        """Tell the supervisor that this worker serves, unless it is gone: its pid may be reused."""
        if os.getppid() == self.supervisor:
            os.kill(self.supervisor, signal.SIGUSR1)


Work = Callable[[Settings, Place], int]


class Worker:
    """One of the processes, and the next one in its place when it dies."""

    def __init__(self, number: int, sockets: Sequence[socket.socket]) -> None:
        self.number = number
        self.sockets = sockets
        self.pid = 0
        self.began = 0.0
        self.is_first = True  # Nobody had this place before.
        self.pause = FIRST_PAUSE
        self.due = 0.0  # When to start it again, if it is dead.
        self.beat = 0  # Its last sign of life.
        self.beat_at = 0.0  # When that was seen, by the supervisor's clock.


class Supervisor:
    """Keeps `settings.workers` processes at `work`. Raises OSError when the port cannot be had."""

    def __init__(self, settings: Settings, work: Work) -> None:
        self.settings = settings
        self.work = work
        self.is_ready = False  # Whether a worker has served yet.
        self.stopping = 0  # How often we were told to.
        self.status = 0
        passed = listeners.passed()
        if passed:
            places = [passed] * settings.workers
        else:
            places = listeners.listen_shared(settings.host, settings.port, settings.workers)
        self.workers = [Worker(number, place) for number, place in enumerate(places)]
        self.beats = memoryview(mmap.mmap(-1, settings.workers))
        self.clock = RunningClock()  # While we stand still we see no signs of life.
        self.ends_at = 0.0  # When all have to have ended, by that clock.
        self.lifeline, self.line = os.pipe()
        self.signals = {
            signal.SIGCHLD,
            signal.SIGALRM,
            signal.SIGINT,
            signal.SIGTERM,
            signal.SIGHUP,
            signal.SIGUSR1,
        }

    def run(self) -> int:
        """Until we are told to stop, and all have ended. Returns the exit status."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self.signals)
        for worker in self.workers:
            self.start(worker)
        self.set_alarm()
        while any(worker.pid for worker in self.workers) or not self.stopping:
            match signal.sigwait(self.signals):
                case signal.SIGINT | signal.SIGTERM:
                    self.stop()
                case signal.SIGHUP:
                    self.tell(signal.SIGHUP)
                case signal.SIGCHLD:
                    self.bury()
                case signal.SIGUSR1:
                    self.hear_ready()
                case _:
                    self.look()
                    self.start_again()
        return self.status

    def start(self, worker: Worker) -> None:
        """Start a worker, which never returns from here."""
        worker.began, worker.due = time.monotonic(), 0.0
        worker.beat_at = self.clock()
        place = Place(worker.number, worker.sockets, self.lifeline, os.getpid(), self.beats)
        try:
            worker.pid = os.fork()
        except OSError as error:  # No memory, or too many processes: that may pass.
            worker.due = worker.began + LAST_PAUSE
            log.error("worker %d cannot be started: %s", worker.number, error.strerror)
            return
        if worker.pid:
            return
        status = BUG
        try:
            os.close(self.line)
            self.close_sockets(keep=worker.sockets)  # Or they would listen until this one ends.
            os.environ.pop("NOTIFY_SOCKET", None)  # The supervisor is who the service is.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # Until it knows what to do with them.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.signals)
            logs.set_up(self.settings.log, worker.number)  # A fork takes no threads along.
            metrics = self.settings.metrics and self.settings.metrics + worker.number
            own = replace(self.settings, metrics=metrics, workers=1)
            status = self.work(own, place)
        except Exception:
            log.exception("a bug ended worker %d", worker.number)
        finally:
            logging.shutdown()
            os._exit(status)

    def hear_ready(self) -> None:
        """A worker serves: then so do we, unless another could not start."""
        self.bury()  # That one's end may not have been seen yet.
        if not self.is_ready and not self.stopping:
            self.is_ready = True
            systemd.notify(systemd.READY)

    def stop(self) -> None:
        """Let all end well; when that is said again, at once."""
        self.stopping += 1
        if self.stopping == 1:
            systemd.notify(systemd.STOPPING)
            os.close(self.line)
            self.close_sockets()  # A client is refused from now on, and does not wait in vain.
            self.ends_at = self.clock() + self.settings.drain + END
        else:
            self.status = 1
            self.tell(signal.SIGKILL)

    def close_sockets(self, keep: Sequence[socket.socket] = ()) -> None:
        """Close our copies of the workers' sockets, all but some."""
        for worker in self.workers:
            for sock in worker.sockets:
                if sock not in keep:
                    sock.close()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to all workers."""
        for worker in self.workers:
            if worker.pid:
                os.kill(worker.pid, number)

    def bury(self) -> None:
        """See who has died, and when to start them again."""
        now = time.monotonic()
        for worker in self.workers:
            pid, how = os.waitpid(worker.pid, os.WNOHANG) if worker.pid else (0, 0)
            if not pid:
                continue
            worker.pid, status = 0, os.waitstatus_to_exitcode(how)
            soon = now - worker.began < SOON
            if self.stopping and status == -signal.SIGTERM:
                pass  # It was told once more, in the moment of its end.
            elif self.stopping:
                self.status = self.status or abs(status)
            elif status == REFUSED and soon and worker.is_first:
                self.status = status  # It has said why; the others will say the same.
                self.stop()
            else:
                worker.is_first = False
                worker.pause = min(2 * worker.pause, LAST_PAUSE) if soon else FIRST_PAUSE
                worker.due = now + worker.pause
                again = f"it is started again in {worker.pause:.1f} s"
                log.error("worker %d died (%d); %s", worker.number, status, again)
        self.set_alarm()

    def look(self) -> None:
        """Kill the workers that hang, or do not end."""
        now = self.clock()
        for worker in self.workers:
            beat = self.beats[worker.number]
            if beat != worker.beat:
                worker.beat, worker.beat_at = beat, now
            timeout = self.settings.worker_timeout
            if not worker.pid:
                continue
            if self.stopping and now >= self.ends_at:
                self.status = 1
                self.kill(worker, f"has not ended {END:g} s after --drain", now)
            elif not self.stopping and now - worker.beat_at >= timeout:
                self.kill(worker, f"hangs: no sign of life for {timeout:g} s", now)

    def kill(self, worker: Worker, why: str, now: float) -> None:
        """End a worker that does not do so by itself."""
        log.error("worker %d (pid %d) %s; it is killed", worker.number, worker.pid, why)
        worker.beat_at = now
        os.kill(worker.pid, signal.SIGKILL)

    def start_again(self) -> None:
        """Start whose time has come."""
        now = time.monotonic()
        for worker in self.workers:
            if worker.due and worker.due <= now and not self.stopping:
                self.start(worker)
        self.set_alarm()

    def set_alarm(self) -> None:
        """Wake us for the next look, or when the next one is to be started."""
        now = time.monotonic()
        waits = [max(worker.due - now, 0.001) for worker in self.workers if worker.due]
        signal.setitimer(signal.ITIMER_REAL, min([BEAT, *waits]))


def supervise(settings: Settings, work: Work) -> int:
    """Have `settings.workers` processes do `work`. Returns the exit status; raises OSError."""
    return Supervisor(settings, work).run()

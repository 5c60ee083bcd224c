"""The program around the server: signals, the log, the service manager, the exit status.

first SIGTERM or Ctrl-C ─▶ stop: goodbye, deliver, status 0
second                  ─▶ leave at once, status 1
SIGHUP                  ─▶ read the certificate and the password again

With `--workers`, this is the program of each of them; `workers.py` has the one above them.
"""

import asyncio
import contextlib
import errno
import importlib.util
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from im_final import listeners, logs, systemd, workers
from im_final.backplane import Backplane
from im_final.server import Server
from im_final.settings import Settings

SPARE_FILES = 64  # Open files that are no connections: listeners, the log, libraries being loaded.

log = logging.getLogger("im_final")


def serve(settings: Settings) -> int:
    """Run a server, or many, until told to stop. Returns the exit status."""
    logs.set_up(settings.log)
    wanted = settings.max_connections + SPARE_FILES
    allowed = allow_files(wanted)
    if not can_open(SPARE_FILES):
        few = f"fewer than {SPARE_FILES} files can be opened"
        return refuse(f"{few}, and so many are needed beside the connections; raise ulimit -n")
    if allowed < wanted:
        enough = "raise ulimit -n or lower --max-connections"
        log.warning("may open %d files only; %s", allowed, enough)
    if settings.workers == 1:
        return work(settings)
    if not hasattr(socket, "SO_REUSEPORT"):
        return refuse("workers share a port (SO_REUSEPORT), which this system cannot")
    try:
        return workers.supervise(settings, work)
    except (OSError, ValueError) as error:
        return refuse(why(error, settings))


def refuse(reason: str) -> int:
    """Say why the server cannot start. Returns the exit status."""
    logging.shutdown()  # What was logged comes before.
    print(f"im_final: {reason}", file=sys.stderr)
    return workers.REFUSED


def work(settings: Settings, place: workers.Place | None = None) -> int:
    """Run a server until it is told to stop. Returns the exit status."""
    try:
        with asyncio.Runner(loop_factory=loop_factory(settings.loop)) as runner:
            return runner.run(run(settings, place))
    except Refused as refused:
        if place is None:
            return refuse(str(refused))
        log.error("cannot start: %s", refused)
        return workers.REFUSED


class Refused(Exception):
    """The server cannot start; the message says why."""


def loop_factory(choice: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the event loop; None is asyncio's own choice. Raises Refused."""
    if choice == "asyncio" or (choice == "auto" and not importlib.util.find_spec("uvloop")):
        return None
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        raise Refused("uvloop is not installed; install it, or use --loop asyncio") from None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def run(settings: Settings, place: workers.Place | None = None) -> int:
    """Start, serve, stop. Returns the exit status; raises Refused."""
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[None] = asyncio.Queue()
    if place:
        obey(place.lifeline, told)
        beat(place)
    else:
        on_signal(signal.SIGINT, told.put_nowait, None)
        on_signal(signal.SIGTERM, told.put_nowait, None)
    try:
        sockets = place.listen() if place else listeners.passed()
        server = Server(**settings.for_server(), sockets=sockets, backplane=make_link(settings))
        if hasattr(signal, "SIGHUP"):
            on_signal(signal.SIGHUP, reload, server)
        metrics = watch(server, settings)
        await server.start()  # Last: whoever reads that it listens may ask for all of these.
    except (OSError, ValueError) as error:
        raise Refused(why(error, settings)) from None
    if place:
        place.tell_ready()
    else:
        systemd.notify(systemd.READY)
    await told.get()
    systemd.notify(systemd.STOPPING)
    stopping, second = loop.create_task(server.stop()), loop.create_task(told.get())
    await asyncio.wait({stopping, second}, return_when=asyncio.FIRST_COMPLETED)
    if metrics:
        metrics.stop()
    if not stopping.done():
        return 1
    stopping.result()
    return 0


def beat(place: workers.Place) -> None:
    """Give a sign of life, now and as long as the loop turns."""
    place.beat()
    asyncio.get_running_loop().call_later(workers.BEAT, beat, place)


def obey(lifeline: int, told: asyncio.Queue[None]) -> None:
    """Stop, once, when the supervisor says so or is gone, or when we are told ourselves."""
    loop = asyncio.get_running_loop()
    has_heard = False

    def stop() -> None:
        nonlocal has_heard
        loop.remove_reader(lifeline)
        if not has_heard:
            has_heard = True
            told.put_nowait(None)

    loop.add_reader(lifeline, stop)
    loop.add_signal_handler(signal.SIGTERM, stop)


def make_link(settings: Settings) -> Backplane | None:
    """The link to other nodes, if one is wanted. Raises Refused, and ValueError."""
    if not settings.backplane:
        return None
    try:
        from im_final.cluster.link import Link  # noqa: PLC0415 - needs a library
    except ImportError:
        need = "redis-py; install the extra cluster, as docs/cluster.md has it, or leave it out"
        raise Refused(f"--backplane needs {need}") from None
    return Link(
        settings.backplane, settings.room, heartbeat=settings.heartbeat, lease=settings.lease
    )


def on_signal(number: signal.Signals, act: Callable[..., object], *arguments: Any) -> None:
    """Call `act` in the loop when the signal comes."""
    loop = asyncio.get_running_loop()

    def heard(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # The loop has ended already.
            loop.call_soon_threadsafe(act, *arguments)

    if os.name == "posix" and isinstance(loop, asyncio.SelectorEventLoop):
        loop.add_signal_handler(number, act, *arguments)
    else:  # Windows has no such handlers; uvloop calls one twice if two signals come together.
        signal.signal(number, heard)


def reload(server: Server) -> None:
    """Use new files, or keep the old ones if the new ones are no good."""
    try:
        server.reload()
    except (OSError, ValueError) as error:
        log.error("all stays as it was: %s", error)
    else:
        log.info("certificate and password were read again")


def watch(server: Server, settings: Settings) -> Any:
    """Start the metrics, if they are wanted. Raises Refused."""
    if not settings.metrics:
        return None
    try:
        from im_final.metrics import Metrics  # noqa: PLC0415 - needs a library
    except ImportError:
        raise Refused("--metrics needs prometheus_client; install it, or leave it out") from None
    try:
        return Metrics(server, settings.metrics_host, settings.metrics)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics}"
        raise Refused(f"cannot listen on {where} for --metrics: {error.strerror}") from None


def why(error: OSError | ValueError, settings: Settings) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, ValueError):
        return str(error)
    if error.filename:
        return f"cannot read {error.filename}: {error.strerror}"
    where = f"cannot listen on {settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{where}: the port is in use; stop what has it, or choose another with --port"
    return f"{where}: {error.strerror or error}"


def allow_files(count: int) -> int:
    """Raise the limit of open files to `count`, as far as we may. Returns how many we may open."""
    try:
        import resource  # noqa: PLC0415 - Windows has no such limit, and no such module
    except ImportError:
        return count
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return count
    most = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def can_open(count: int) -> bool:
    """Whether so many files more can be opened; an event loop that cannot may end the process."""
    files: list[int] = []
    try:
        while len(files) < count:
            files.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    finally:
        for file in files:
            os.close(file)
    return True

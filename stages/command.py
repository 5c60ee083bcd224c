"""The program around a stage: options, log, signals, exit status.

`main(Server)` is the last line of every stage. The classes only log; here it is printed.
"""

import argparse
import asyncio
import contextlib
import errno
import logging
import math
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from stages import streams
from stages.log_writer import LogWriter

LAST_PORT = 65535
FILES = 16  # Open files that a server needs beside its connections.
ACCEPTING = 3  # Turns of the event loop from the arrival of a connection to its conversation.
STOP = (signal.SIGINT, signal.SIGTERM)


class Server(Protocol):
    """What every stage's server can do."""

    async def start(self) -> None:
        """Listen, and return. Raises OSError."""

    async def stop(self) -> None:
        """End every conversation."""


def main(server_class: Callable[..., Server], **seconds: float) -> None:
    """Run a server until Ctrl-C or SIGTERM; exit with status 0, or 1 if it cannot listen.

    `seconds` are the options that only some stages have, with their defaults:
    `idle_timeout=10.0` makes an option `--idle-timeout SECONDS`.
    """
    streams.prepare()
    spec = sys.modules["__main__"].__spec__
    parser = argparse.ArgumentParser(
        prog=f"python -m {spec.name}" if spec else None,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=9999, type=port_number, help="port; 0 takes a free one")
    for name, default in seconds.items():
        flag, text = "--" + name.replace("_", "-"), name.replace("_", " ")
        parser.add_argument(flag, default=default, type=duration, metavar="SECONDS", help=text)
    options = parser.parse_args()
    if not can_open(FILES):
        sys.exit(f"cannot start: fewer than {FILES} files can be opened; raise ulimit -n")
    print_the_log()
    status = asyncio.run(run(server_class(**vars(options)), options.host, options.port))
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # Asked again, Python would die of it here.
    sys.exit(status)


def port_number(text: str) -> int:
    """A port from 0 to 65535. Raises ArgumentTypeError."""
    if not (text.isdecimal() and len(text) <= len(str(LAST_PORT)) and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)


def duration(text: str) -> float:
    """Seconds, more than none. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def can_open(count: int) -> bool:
    """Whether so many files more can be opened."""
    with contextlib.ExitStack() as files:
        try:
            for _ in range(count):
                files.enter_context(open(os.devnull, "rb", buffering=0))
        except OSError:
            return False
    return True


def print_the_log() -> None:
    """Print what the stages log, in UTF-8 wherever it goes: news to stdout, trouble to stderr."""
    logging.raiseExceptions = False  # Whoever reads our output may go away.
    news, trouble = printer(sys.stdout), printer(sys.stderr)
    news.addFilter(lambda record: record.levelno < logging.WARNING)
    trouble.setLevel(logging.WARNING)
    for name in ("stages", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [news, trouble]
        logger.propagate = False
    logging.getLogger("stages").setLevel(logging.INFO)


def printer(stream: TextIO) -> logging.Handler:
    """A log handler for one stream, which keeps nobody waiting."""
    return LogWriter(open(stream.fileno(), "wb", buffering=0, closefd=False))


async def run(server: Server, host: str, port: int) -> str | None:
    """Start the server, wait for a signal, stop it. Returns why it could not start, or None."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(one_line_per_trouble())
    stopped = asyncio.Event()

    def stop(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # Asked again: the loop has ended already.
            loop.call_soon_threadsafe(stopped.set)

    for number in STOP:
        signal.signal(number, stop)
    try:
        await server.start()
    except OSError as error:
        return f"cannot listen on {host}:{port}: {reason(error)}"
    await stopped.wait()
    for _ in range(ACCEPTING):  # Who has come by now is a conversation, which `stop` can end.
        await asyncio.sleep(0)
    await server.stop()
    return None


def reason(error: OSError) -> str:
    """What went wrong and what to do, in a line."""
    if error.errno == errno.EADDRINUSE:
        return "the port is in use; stop the program that has it, or choose another with --port"
    return error.strerror or str(error)


def one_line_per_trouble() -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """A loop exception handler: trouble of the system is said once, a bug with its traceback.

    While file descriptors have run out, asyncio reports every failed accept, 100 a second.
    """
    said: set[str] = set()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError):
            loop.default_exception_handler(context)
        elif (text := f"{context['message']}: {error.strerror}") not in said:
            said.add(text)
            logging.getLogger("stages").warning(text)

    return handle

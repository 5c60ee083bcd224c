"""An event loop in a thread of its own, for a server that runs beside the cells of a notebook.

It does not run in the kernel's own loop: there a cell that waits for the server would keep the
server waiting for the cell. The thread is a daemon, so it never outlives the kernel.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from stages.check.failure import Failure

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")

LOGGERS = ("stages", "im_final", "asyncio")  # Else what they log is printed in whatever cell runs.


class Background:
    """A running event loop. What goes wrong in it is kept in `troubles`, a line each."""

    def __init__(self, name: str) -> None:
        self.troubles: SimpleQueue[str] = SimpleQueue()
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._trouble)
        self.ended = asyncio.Event()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.log = LogOfThread(self.thread, self.troubles)
        for logger in LOGGERS:
            logging.getLogger(logger).addHandler(self.log)
        self.thread.start()

    def call(self, coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
        """Run a coroutine in the loop and return its result.

        Raises what it raises, TimeoutError when it has no result after `seconds`, and Failure when
        the loop has ended.
        """
        if not self.thread.is_alive():
            coroutine.close()
            raise Failure("the room is closed")
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(seconds)
        finally:
            future.cancel()

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """The loop does nothing meanwhile, but for no more than so many seconds."""
        is_held, goes_on = threading.Event(), threading.Event()

        def hold() -> None:
            is_held.set()
            goes_on.wait(seconds)

        if not self.thread.is_alive():
            raise Failure("the room is closed")
        self.loop.call_soon_threadsafe(hold)
        is_held.wait(seconds)
        try:
            yield
        finally:
            goes_on.set()

    def stop(self, seconds: float) -> bool:
        """End the loop and all tasks in it; whether that was done after `seconds`.

        A loop that is blocked by its server ends when the server lets go, or with the kernel.
        """
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
                runner.run(self.ended.wait())
        finally:
            for logger in LOGGERS:
                logging.getLogger(logger).removeHandler(self.log)

    def _trouble(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.troubles.put(describe(error) if error else context["message"])


class LogOfThread(logging.Handler):
    """Keeps the errors that one thread logs, and no other thread's. Nothing is printed."""

    def __init__(self, thread: threading.Thread, troubles: SimpleQueue[str]) -> None:
        super().__init__()
        self.thread = thread
        self.troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, in a line."""
        if record.thread == self.thread.ident and record.levelno >= logging.ERROR:
            error = record.exc_info[1] if record.exc_info else None
            self.troubles.put(describe(error) if error else record.getMessage())


def describe(error: BaseException) -> str:
    """An exception as the last line of its traceback says it."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

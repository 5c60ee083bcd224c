"""A deadline for one call after the other, at the price of one timer for many of them.

`asyncio.timeout` sets a timer for every call and takes it back, which is a good part of what a call
to Redis costs. Here the timer stays, and looks when it is due whether the call of that moment is.

After the process stood still, timers come before anything is read. So a call that is late is given
one more moment: the reply may be here already.
"""

import asyncio
from types import TracebackType

MOMENT = 0.01  # Seconds, in which the event loop reads what has come.


class Deadline:
    """`async with deadline.within(seconds)`: raises TimeoutError, as `asyncio.timeout` does."""

    def __init__(self) -> None:
        self.end: float | None = None  # Of the call that is being made.
        self.task: asyncio.Task[object] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.due = 0.0  # When it looks.
        self.is_over = False

    def within(self, seconds: float) -> "Deadline":
        """For the block that follows, of which there is one at a time."""
        loop = asyncio.get_running_loop()
        self.end = loop.time() + seconds
        if self.timer is None or self.due > self.end:
            self._set_timer(loop)
        return self

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stop()
        if self.end is not None:
            self.due = self.end
            self.timer = loop.call_at(self.due, self._look)

    def _look(self) -> None:
        self.timer = None
        loop = asyncio.get_running_loop()
        if self.end is not None and loop.time() >= self.end:
            self.due = loop.time() + MOMENT
            self.timer = loop.call_at(self.due, self._end, self.end)
        else:
            self._set_timer(loop)

    def _end(self, end: float) -> None:
        """End the call that was to be done by then, unless it is."""
        self.timer = None
        if self.end == end and self.task:
            self.is_over = True
            self.task.cancel()
        else:
            self._set_timer(asyncio.get_running_loop())

    def stop(self) -> None:
        """Leave no timer behind."""
        if self.timer:
            self.timer.cancel()
            self.timer = None

    async def __aenter__(self) -> None:
        self.task = asyncio.current_task()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end, task, self.task = None, self.task, None
        if not self.is_over:
            return
        self.is_over = False
        if task and task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError from error

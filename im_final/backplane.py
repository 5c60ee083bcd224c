"""What a server asks of whoever connects its room with those of other nodes. No I/O.

`im_final.cluster` has one, over Redis. A server without any is a room by itself.
"""

from collections.abc import Callable
from typing import Protocol

from im_final.log import Log
from im_final.room import Room
from im_final.statistics import LinkStatistics


class Backplane(Protocol):
    """Feeds a room from elsewhere."""

    def open(self, log: Log, wake: Callable[[], None], max_backlog: int) -> Room:
        """The room, of which `log` is what its readers get; `wake` is as in `Room`.

        A reader who is owed more than `max_backlog` bytes is dropped.
        """

    async def start(self) -> None:
        """Begin, and return; what has to be waited for, the people in the room are told."""

    async def stop(self, within: float) -> None:
        """Bring out what was said until now; then all here leave. `within` seconds at most."""

    def statistics(self) -> LinkStatistics:
        """How it does."""

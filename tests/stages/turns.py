"""Waiting in turns of the event loop: for a condition, or for what must follow by itself."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 10.0  # Seconds, in real time, until a wait has failed.


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until `condition` holds, which has to be soon."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it does not come true"
        await asyncio.sleep(0)


async def some_turns() -> None:
    """Let the loop turn: what follows from what has happened, without a network, is done then."""
    for _ in range(30):
        await asyncio.sleep(0)

"""A deadline for many calls, of which one timer takes care."""

import asyncio
import socket
import time

import pytest

from im_final.cluster.deadline import Deadline
from tests.im_final.conftest import Run

SOON, NEVER = 0.02, 60.0


def test_what_takes_too_long_is_ended(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        with pytest.raises(TimeoutError):
            async with deadline.within(SOON):
                await asyncio.sleep(NEVER)
        async with deadline.within(NEVER):
            await asyncio.sleep(0)
        deadline.stop()

    run(story())


def test_an_early_deadline_after_a_late_one_is_kept(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        async with deadline.within(NEVER):
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with deadline.within(SOON):
                await asyncio.sleep(NEVER)
        deadline.stop()

    run(story())


def test_the_time_between_calls_does_not_count(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        for _ in range(3):
            async with deadline.within(SOON):
                await asyncio.sleep(0)
            await asyncio.sleep(2 * SOON)
        deadline.stop()

    run(story())


def test_many_calls_have_one_timer(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        async with deadline.within(NEVER):
            timer = deadline.timer
        for _ in range(100):
            async with deadline.within(NEVER):
                assert deadline.timer is timer
        deadline.stop()

    run(story())


def test_who_is_told_to_end_ends_without_a_timeout(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()

        async def call() -> None:
            async with deadline.within(NEVER):
                await asyncio.sleep(NEVER)

        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        deadline.stop()

    run(story())


def test_what_goes_wrong_by_itself_stays_what_it_is(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        with pytest.raises(ValueError, match="own"):
            async with deadline.within(NEVER):
                raise ValueError("own")
        deadline.stop()

    run(story())


def test_a_reply_that_came_while_the_process_stood_still_is_in_time(run: Run) -> None:
    async def story() -> None:
        deadline = Deadline()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            loop = asyncio.get_running_loop()
            loop.call_soon(theirs.sendall, b"reply")
            loop.call_soon(time.sleep, 2 * SOON)  # Nobody waits for this: it is what stands still.
            async with deadline.within(SOON):
                assert await loop.sock_recv(ours, 100) == b"reply"
        deadline.stop()

    run(story())

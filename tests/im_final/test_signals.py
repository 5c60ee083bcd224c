"""A signal is acted on in the loop, once, also when another has come a moment before."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from im_final.program import on_signal
from tests.im_final.children import POSIX
from tests.im_final.conftest import Run
from tests.stages.turns import PATIENCE, until

pytestmark = POSIX


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    numbers = (signal.SIGALRM, signal.SIGHUP, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_comes_while_another_is_handled_is_acted_on_once(run: Run) -> None:
    async def story() -> None:
        heard: list[str] = []
        came = asyncio.Event()

        def hear(name: str) -> None:
            heard.append(name)
            came.set()

        on_signal(signal.SIGTERM, hear, "TERM")
        on_signal(signal.SIGHUP, hear, "HUP")
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        signal.setitimer(signal.ITIMER_REAL, 0.02)  # While the loop waits.
        await asyncio.wait_for(came.wait(), PATIENCE)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: "HUP" in heard)
        assert heard == ["TERM", "HUP"]

    run(story())


def test_a_signal_wakes_a_loop_that_has_nothing_to_do(run: Run) -> None:
    async def story() -> None:
        heard = asyncio.Event()
        on_signal(signal.SIGTERM, heard.set)
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(heard.wait(), PATIENCE)

    run(story())


def test_a_signal_after_the_end_of_the_loop_is_nothing(run: Run) -> None:
    async def story() -> None:
        on_signal(signal.SIGTERM, pytest.fail)

    run(story())
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        os.kill(os.getpid(), signal.SIGTERM)

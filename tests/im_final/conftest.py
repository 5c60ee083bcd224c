"""What the tests of the finished server share: two event loops, a certificate, and no garbage."""

import asyncio
import gc
import importlib.util
import os
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.im_final.certificates import Certificate, make_certificate

# Let the helpers' assertions show their values, as those in the tests do.
pytest.register_assert_rewrite(
    "tests.im_final.children",
    "tests.im_final.rooms",
    "tests.stages.people",
    "tests.stages.turns",
)

Run = Callable[[Coroutine[Any, Any, None]], None]


def need_module(name: str) -> None:
    """Without that library a test is skipped; where NO_SKIPS is set, it fails."""
    if not importlib.util.find_spec(name):
        missing = f"{name} is not installed"
        if os.environ.get("NO_SKIPS") and os.name == "posix":  # There is no uvloop for Windows.
            pytest.fail(missing)
        pytest.skip(missing)


def need_loop(loop: str) -> None:
    """The library for an event loop of that name."""
    if loop == "uvloop":
        need_module("uvloop")


def loop_factory(loop: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes an event loop of asyncio's, or of uvloop's."""
    need_loop(loop)
    return importlib.import_module("uvloop").new_event_loop if loop == "uvloop" else None


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a story, once in each kind of event loop."""
    factory = loop_factory(request.param)

    def run(story: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(story)

    return run


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for localhost."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session", autouse=True)
def _what_is_there_before() -> None:
    """Looking for garbage need not look at all that was imported."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _leaves_no_garbage() -> Iterator[None]:
    """A socket or task that a test lost is found now, and fails that test and no other."""
    yield
    gc.collect()

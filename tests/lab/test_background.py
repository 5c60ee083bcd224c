"""The loop beside the cells: it runs what it is given, ends when told, and keeps what failed."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stages.lab.background import LOGGERS, Background

ROOT = Path(__file__).parents[2]
LONG = 10.0  # Seconds for what has to happen.
SHORT = 0.1  # Seconds for what is waited for in vain.


@pytest.fixture
def background() -> Iterator[Background]:
    loop = Background("test")
    yield loop
    loop.stop(LONG)


async def fail(text: str) -> None:
    raise ValueError(text)


def handlers() -> list[logging.Handler]:
    """Whoever hears what the loggers of a room are told."""
    return [handler for name in LOGGERS for handler in logging.getLogger(name).handlers]


# What it runs.


def test_a_result_comes_back_from_another_thread(background: Background) -> None:
    async def where() -> str:
        return threading.current_thread().name

    assert background.call(where(), LONG) == "test"
    assert background.thread.daemon


def test_an_error_comes_back_as_it_is_and_is_no_trouble(background: Background) -> None:
    with pytest.raises(ValueError, match=r"^mine$"):
        background.call(fail("mine"), LONG)
    assert background.troubles.empty()


def test_it_can_be_held_but_not_for_ever(background: Background) -> None:
    turns = threading.Event()
    with background.held(LONG):
        background.loop.call_soon_threadsafe(turns.set)
        assert not turns.wait(SHORT)
    assert turns.wait(LONG)
    turns.clear()
    with background.held(SHORT):
        background.loop.call_soon_threadsafe(turns.set)
        assert turns.wait(LONG)


def test_what_takes_too_long_is_given_up_and_cancelled(background: Background) -> None:
    cancelled = threading.Event()

    async def sleeps() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        background.call(sleeps(), SHORT)
    assert cancelled.wait(LONG)


# How it ends.


def test_it_ends_with_all_that_runs_in_it() -> None:
    background = Background("test")
    cancelled = threading.Event()

    async def sleeps() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled.set()

    async def begins() -> None:
        background.kept = asyncio.create_task(sleeps())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    background.call(begins(), LONG)
    assert background.stop(LONG)
    assert cancelled.is_set()
    assert background.loop.is_closed()


def test_it_is_not_waited_for_when_it_is_blocked() -> None:
    background = Background("test")
    bell = threading.Event()
    background.loop.call_soon_threadsafe(bell.wait, LONG)
    began = time.monotonic()
    assert not background.stop(SHORT)
    assert time.monotonic() - began < LONG / 2
    bell.set()
    background.thread.join(LONG)
    assert not background.thread.is_alive()


def test_it_listens_to_the_logs_only_as_long_as_it_runs() -> None:
    before = handlers()
    background = Background("test")
    assert len(handlers()) == len(before) + len(LOGGERS)
    background.stop(LONG)
    assert handlers() == before


# What went wrong.


def test_an_error_that_nobody_caught_is_kept_in_a_line(background: Background) -> None:
    background.loop.call_soon_threadsafe([].pop)
    assert background.troubles.get(timeout=LONG) == "IndexError: pop from empty list"


def test_an_error_without_words_is_kept_by_its_name(background: Background) -> None:
    def gives_up() -> None:
        raise KeyError

    background.loop.call_soon_threadsafe(gives_up)
    assert background.troubles.get(timeout=LONG) == "KeyError"


def test_a_complaint_without_an_error_is_kept_as_it_is(background: Background) -> None:
    context = {"message": "something is odd", "handle": "of no interest"}
    background.loop.call_soon_threadsafe(background.loop.call_exception_handler, context)
    assert background.troubles.get(timeout=LONG) == "something is odd"


@pytest.mark.parametrize("logger", LOGGERS)
def test_only_errors_are_kept_and_only_those_of_its_own_thread(
    background: Background, logger: str
) -> None:
    log = logging.getLogger(logger)

    async def logs() -> None:
        log.warning("a warning")
        log.error("an error with %s", "a value")

    log.error("said by the notebook itself")
    background.call(logs(), LONG)
    assert background.troubles.get(timeout=LONG) == "an error with a value"
    assert background.troubles.empty()


# What is printed. Under pytest the log always has a listener, so this takes a process of its own.


def run(script: str) -> tuple[str, str, int]:
    """What a Python program prints to both places, and how it ends."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout, done.stderr, done.returncode


FAILING = """
import threading
from stages import stage1
from stages.lab import Room, room as lab_room

class Fails(stage1.Server):
    async def handle(self, reader, writer):
        raise ValueError((await reader.readline()).decode().strip())

class Blocks(stage1.Server):
    bell = threading.Event()

    async def handle(self, reader, writer):
        await reader.readline()
        self.bell.wait(20)
        raise ValueError("late")
"""


def test_a_program_prints_nothing_by_itself_when_its_server_fails() -> None:
    script = """
room = Room(Fails)
room.connect("alice").send("oh no")
assert room.trouble() == "ValueError: oh no"
room.close()
"""
    assert run(FAILING + script) == ("", "", 0)


def test_a_program_that_ends_with_a_room_open_prints_nothing() -> None:
    script = """
room = Room(Fails)
room.connect("alice")
room.connect("sleepy", reads=False)
"""
    assert run(FAILING + script) == ("", "", 0)


def test_what_fails_after_it_was_given_up_prints_nothing_either() -> None:
    script = """
lab_room.END = 0.2
room = Room(Blocks)
room.connect("alice").send_pieces(b"stand still\\n")
try:
    room.close()
except TimeoutError:
    pass
Blocks.bell.set()
room.background.thread.join(10)
"""
    assert run(FAILING + script) == ("", "", 0)

"""The finished server as a program of its own, and people with blocking sockets who talk to it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from im_final import phrases
from stages.check.program import Program, becomes_true
from stages.check.room import Room

PATIENCE = 20.0
STAGE = 8  # The finished server keeps what all eight promise.

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and limits a process")


def serve(*options: str | Path) -> list[str]:
    """The command; the port is free, and filled in when it is started."""
    words = [str(option) for option in options]
    return [sys.executable, "-m", "im_final", "serve", "--port", "{port}", *words]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m im_final` with these words; it ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "im_final", *map(str, words)],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@contextlib.contextmanager
def running(*options: str | Path) -> Iterator[Room]:
    """The program, ready, and a room in which to talk to it."""
    with contextlib.ExitStack() as stack:
        program = Program(serve(*options), idle=0)
        stack.callback(program.stop)
        assert becomes_true(lambda: program.stdout.with_text(phrases.READY) > 0, PATIENCE), (
            program.stderr.last()
        )
        room = Room(("127.0.0.1", program.port), STAGE, 0, PATIENCE, program)
        stack.callback(room.close)
        yield room


def logs(room: Room, text: str, times: int = 1) -> None:
    """The program says `text`, on either stream, so many times, in time."""
    program = room.own_program()

    def found() -> bool:
        return program.stdout.with_text(text) + program.stderr.with_text(text) >= times

    assert becomes_true(found, PATIENCE), f"{text!r} is not logged {times} times"


def events(lines: Sequence[str]) -> list[dict[str, str]]:
    """A log in JSON, understood."""
    return [json.loads(line) for line in lines]

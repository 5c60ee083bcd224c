"""A log that nobody reads: the room goes on, and a stage ends when it is told to."""

import contextlib
import os
import signal

import pytest

from stages import phrases
from tests.full_pipe import PATIENCE, Unread, full_pipe

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@pytest.mark.parametrize("stage", range(1, 9))
def test_the_room_goes_on_and_ends_when_told(stage: int) -> None:
    with (
        full_pipe() as pipe,
        contextlib.closing(
            Unread([f"stages.stage{stage}"], dict.fromkeys(("stdout", "stderr"), pipe.write_end))
        ) as server,
    ):
        if stage >= 3:
            assert server.echoes("hello")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0


def test_what_waited_is_there_when_somebody_reads() -> None:
    with (
        full_pipe() as pipe,
        contextlib.closing(
            Unread(["stages.stage8"], dict.fromkeys(("stdout", "stderr"), pipe.write_end))
        ) as server,
    ):
        assert server.echoes("hello")
        assert pipe.read(60).decode(errors="replace").startswith(f"{phrases.READY} 127.0.0.1:")

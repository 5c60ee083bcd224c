"""A log that nobody reads: the room goes on, and the program ends when it is told to."""

import contextlib
import signal
import subprocess
from pathlib import Path

import pytest

from im_final import phrases
from tests.full_pipe import PATIENCE, Unread, full_pipe
from tests.im_final.children import POSIX
from tests.im_final.conftest import need_loop

pytestmark = POSIX


@pytest.mark.parametrize("streams", [("stdout",), ("stderr",), ("stdout", "stderr")], ids="+".join)
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_the_room_goes_on_and_ends_when_told(
    loop: str, streams: tuple[str, ...], tmp_path: Path
) -> None:
    need_loop(loop)
    password = tmp_path / "password"
    password.write_text("sesame\n")
    words = ["im_final", "serve", "--loop", loop, "--password-file", str(password)]
    with (
        full_pipe() as pipe,
        contextlib.closing(Unread(words, dict.fromkeys(streams, pipe.write_end))) as server,
    ):
        server.user.sendall(b"sesame\n")
        assert server.echoes("hello")
        password.unlink()
        server.process.send_signal(signal.SIGHUP)  # Which goes wrong, and is logged.
        assert server.echoes("hello again")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0


def test_what_goes_wrong_is_told_while_nobody_reads_the_news(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("sesame\n")
    with full_pipe() as pipe:
        streams = {"stdout": pipe.write_end, "stderr": subprocess.PIPE}
        words = ["im_final", "serve", "--password-file", str(password)]
        with contextlib.closing(Unread(words, streams)) as server:
            server.user.sendall(b"sesame\n")
            assert server.echoes("hello")
            password.unlink()
            server.process.send_signal(signal.SIGHUP)
            assert server.process.stderr
            with server.process.stderr as trouble:
                assert b" error all stays as it was: " in trouble.readline()


def test_what_waited_is_there_when_somebody_reads() -> None:
    with (
        full_pipe() as pipe,
        contextlib.closing(Unread(["im_final", "serve"], {"stdout": pipe.write_end})) as server,
    ):
        assert server.echoes("hello")
        assert phrases.READY in pipe.read(100).decode(errors="replace")

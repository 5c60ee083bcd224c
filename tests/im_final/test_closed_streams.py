"""The finished server without standard streams: no socket takes their numbers."""

import signal
from pathlib import Path

import pytest

from im_final import phrases, streams
from stages.check.program import free_port
from tests.closed_streams import CLOSED, PATIENCE, run, running
from tests.full_pipe import connect
from tests.im_final.children import LINUX, POSIX
from tests.im_final.conftest import need_loop

pytestmark = POSIX


@LINUX
@CLOSED
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_it_serves_and_ends_with_status_0(loop: str, closed: str) -> None:
    need_loop(loop)
    port = free_port()
    words = ["im_final", "serve", "--loop", loop, "--port", str(port)]
    with running(closed, *words) as process:
        with connect(port) as user, user.makefile("r", encoding="utf-8") as lines:
            assert lines.readline().endswith(f":{phrases.ONLINE}\n")
            for number in range(3):
                target = Path(f"/proc/{process.pid}/fd/{number}").readlink()
                assert not str(target).startswith(("socket:", "anon_inode:"))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert bool(out) == (">&-" not in closed.split())


@CLOSED
def test_a_wrong_option_has_its_status(closed: str) -> None:
    done = run(closed, "im_final", "serve", "--port", "high")
    assert done.returncode == 2
    assert done.stdout == ""
    assert ("invalid int value" in done.stderr) == ("2>&-" not in closed)


def test_streams_that_are_there_stay_as_they_are() -> None:
    before = [Path(f"/dev/fd/{number}").stat() for number in range(3)]
    streams.fill()
    assert [Path(f"/dev/fd/{number}").stat() for number in range(3)] == before

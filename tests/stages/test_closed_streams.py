"""The stages' programs and commands without standard streams."""

import os
import signal
import sys

import pytest

from stages import phrases
from stages.check.program import free_port
from tests.closed_streams import CLOSED, PATIENCE, run, running
from tests.full_pipe import connect

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
COMMANDS = {
    "stages": 0,
    "stages progress": 0,
    "stages bogus": 2,
    "stages.check 1 --list": 0,
    "stages.check 9": 2,
    "stages.check 1 --only connects -- PYTHON -m stages.stage1 --port {port}": 0,
    "stages.stage8 --help": 0,
    "stages.stage8 --port http": 2,
}


@CLOSED
@pytest.mark.parametrize("stage", [1, 8])
def test_a_stage_serves_and_ends_with_status_0(stage: int, closed: str) -> None:
    port = free_port()
    with running(closed, f"stages.stage{stage}", "--port", str(port)) as process:
        with connect(port) as user, user.makefile("r", encoding="utf-8") as lines:
            expected = f":{phrases.ONLINE}\n" if stage > 1 else ""
            assert lines.readline().endswith(expected)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert bool(out) == (">&-" not in closed.split())


@CLOSED
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_its_status_and_prints_what_can_be_printed(command: str, closed: str) -> None:
    done = run(closed, *command.replace("PYTHON", sys.executable).split())
    assert done.returncode == COMMANDS[command]
    open_streams = {"<&-": "both", ">&-": "stderr", "2>&-": "stdout"}.get(closed, "")
    expected = "stderr" if done.returncode else "stdout"
    assert bool(done.stdout) == (expected == "stdout" and open_streams in ("both", "stdout"))
    assert bool(done.stderr) == (expected == "stderr" and open_streams in ("both", "stderr"))

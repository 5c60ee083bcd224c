"""A program and what it starts are one: signalled together, stopped together, told apart.

The programs here are a few lines of Python each, given on the command line.
"""

import signal
import sys
from pathlib import Path

from stages.check import resources
from stages.check.program import becomes_true
from tests.check.programs import FOREVER, LISTEN, ON_LINUX, Start
from tests.check.wire import LONG, SHORT

SERVER = f"""
import os, signal, sys
{LISTEN}
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("here", flush=True)
{FOREVER}
"""
WRAPPED = (
    "import subprocess, sys",
    f"subprocess.run([sys.executable, '-c', {SERVER!r}, sys.argv[1]])",
)


@ON_LINUX
def test_a_wrapper_is_not_taken_for_the_server(start: Start) -> None:
    server, wrapped = start(SERVER), start(*WRAPPED)
    for program in (server, wrapped):
        program.wait_until_listening(LONG)
    assert server.wrapper() is None
    assert wrapped.wrapper() == Path(sys.executable).name


@ON_LINUX
def test_a_signal_reaches_what_a_wrapper_has_started(start: Start) -> None:
    program = start(*WRAPPED)
    program.wait_until_listening(LONG)
    assert program.has_others()
    program.ask_all_to_end(signal.SIGTERM)
    assert program.wait_all_end(LONG) == -signal.SIGTERM  # The wrapper's; the server ended with 0.
    assert not program.has_others()
    assert program.asked_to_end


@ON_LINUX
def test_a_server_that_goes_on_behind_its_wrapper_has_not_ended(start: Start) -> None:
    program = start(
        "import subprocess, sys, time",
        "child = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);'",
        "child += 'print(1, flush=True); time.sleep(60)'",
        "subprocess.run([sys.executable, '-c', child])",
    )
    program.prints("1", 1, LONG)
    program.ask_all_to_end(signal.SIGTERM)
    assert program.wait_end(LONG) == -signal.SIGTERM
    assert program.wait_all_end(SHORT) is None


@ON_LINUX
def test_one_that_is_held_finds_all_at_the_same_moment(start: Start) -> None:
    program = start(
        "import sys, time",
        "while True: print(time.monotonic_ns(), flush=True); time.sleep(0.001)",
    )
    program.prints("", 1, LONG)
    with program.held():
        assert resources.stands(program.process.pid)
        becomes_true(lambda: False, SHORT / 2)  # What it had printed before is read by now.
        count = program.stdout.count
        becomes_true(lambda: False, SHORT / 2)
        assert program.stdout.count == count
    program.prints("", count + 1, LONG)

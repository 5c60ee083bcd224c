"""A server as a process: it starts, is watched, and ends, whatever it does.

The programs here are a few lines of Python each, given on the command line.
"""

import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from stages import phrases
from stages.check import program as watched
from stages.check.failure import Failure
from stages.check.leave import leave as leave_in_earnest
from stages.check.program import (
    CannotStart,
    Program,
    becomes_true,
    ctrl_c_put_off,
)
from tests.check.programs import FOREVER, LISTEN, Start
from tests.check.wire import LONG, SHORT


def test_the_port_and_the_limit_are_filled_in(start: Start) -> None:
    program = start("import sys; print(sys.argv[1:])", arguments=("--port={port}", "{idle}", "{x}"))
    assert program.wait_end(LONG) == 0
    assert list(program.stdout.lines) == [f"['--port={program.port}', '1', '{{x}}']"]


@pytest.mark.parametrize(("idle", "text"), [(1.0, "1"), (0.5, "0.5"), (60, "60")])
def test_a_limit_is_written_plainly(idle: float, text: str) -> None:
    program = Program([sys.executable, "-c", "import sys; print(sys.argv[1])", "{idle}"], idle)
    assert program.wait_end(LONG) == 0
    assert program.stdout.last() == text
    program.stop()


def test_what_is_not_there_cannot_start() -> None:
    with pytest.raises(CannotStart, match="cannot run no-such-program: No such file or directory"):
        Program(["no-such-program", "{port}"], idle=1)


def test_it_listens_and_is_found(start: Start) -> None:
    program = start(LISTEN, "time.sleep(0.1)", FOREVER)
    program.wait_until_listening(LONG)
    assert program.wait_end(0) is None


def test_it_ends_at_once_and_its_last_words_are_told(start: Start) -> None:
    program = start("import sys; print('news'); sys.exit('ouch\\n\\n')")
    with pytest.raises(CannotStart, match=r"^the server ended at once, with status 1: ouch$"):
        program.wait_until_listening(LONG)


def test_it_ends_at_once_without_a_word(start: Start) -> None:
    program = start("raise SystemExit(0)")
    with pytest.raises(CannotStart, match=r"^the server ended at once, with status 0$"):
        program.wait_until_listening(LONG)


def test_it_never_listens(start: Start) -> None:
    program = start("import time; time.sleep(60)")
    program.start = SHORT
    within = rf"did not listen on port {program.port} within 0.2 s \(--start gives it longer\)"
    with pytest.raises(CannotStart, match=within):
        program.wait_until_listening(LONG)


def test_one_that_says_that_it_listens_before_it_does_is_noticed(start: Start) -> None:
    ready = f"import time; print({phrases.READY!r}, flush=True); time.sleep(0.3)"
    early, right = start(ready, LISTEN, FOREVER), start(LISTEN, ready, FOREVER)
    for program in (early, right):
        program.wait_until_listening(LONG)
    assert (early.announced_too_early, right.announced_too_early) == (True, False)


def test_whoever_looked_is_one_of_the_visitors(start: Start) -> None:
    program = start(LISTEN, "print(*s.accept()[1], sep=':', flush=True)", FOREVER)
    program.wait_until_listening(LONG)
    program.prints(":", 1, LONG)
    assert program.stdout.last() in program.visitors


def test_a_server_that_greets_for_ever_is_found_to_listen(start: Start) -> None:
    program = start(LISTEN, "c = s.accept()[0]", "while True: c.send(b'x' * 4096)")
    program.wait_until_listening(SHORT)


def test_who_probed_it_is_gone_before_anybody_comes(start: Start, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    program = start(
        LISTEN,
        "c = s.accept()[0]",
        "c.recv(1)",
        "time.sleep(1.5)",
        "open(sys.argv[2], 'w').close()",
        "c.close()",
        FOREVER,
        arguments=("{port}", str(gone)),
    )
    program.wait_until_listening(LONG)
    assert gone.exists()


def test_one_that_lets_go_of_nobody_costs_the_patience_and_no_more(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def leave(sock: socket.socket, patience: float) -> bytes:
        asked.append(patience)
        return leave_in_earnest(sock, patience)

    monkeypatch.setattr(watched, "leave", leave)
    program = start(LISTEN, "c = s.accept()[0]", "time.sleep(60)")
    program.wait_until_listening(SHORT)
    assert asked == [SHORT]


def test_the_second_on_a_port_has_the_same_port(start: Start) -> None:
    first = start(LISTEN, FOREVER)
    first.wait_until_listening(LONG)
    second = first.start_another_on_the_same_port()
    assert second.port == first.port
    assert second.wait_end(LONG) == 1
    assert "OSError" in second.stderr.last()


def test_it_ends_when_asked(start: Start) -> None:
    program = start("import time; print('here', flush=True); time.sleep(60)")
    program.prints("here", 1, LONG)
    assert not program.asked_to_end
    program.ask_to_end(signal.SIGTERM)
    assert program.asked_to_end
    assert program.wait_end(LONG) == -signal.SIGTERM
    assert program.how_it_ended() == "by signal 15"


def test_one_that_does_not_want_to_end_is_killed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "END", SHORT)
    program = start(
        "import signal, time",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "print('here', flush=True)",
        "time.sleep(60)",
    )
    program.prints("here", 1, LONG)
    program.stop()
    assert program.wait_end(LONG) == -signal.SIGKILL


def test_what_it_started_ends_with_it(start: Start) -> None:
    program = start(
        "import subprocess, sys, time",
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
        "print(child.pid, flush=True)",
        "time.sleep(60)",
    )
    program.prints("", 1, LONG)
    child = int(program.stdout.last())
    program.stop()

    def has_ended() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        with contextlib.suppress(OSError), open(f"/proc/{child}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
        return False

    assert becomes_true(has_ended, LONG)


def test_stopping_twice_is_no_trouble(start: Start) -> None:
    program = start("pass")
    program.stop()
    program.stop()
    assert program.wait_end(0) is not None


def test_lines_of_the_log_are_counted(start: Start) -> None:
    program = start("print('one two', 'two', '', sep='\\n')", "import sys; sys.stderr.write('x')")
    program.wait_end(LONG)
    assert (program.stdout.with_text("two"), program.stdout.with_text("three")) == (2, 0)
    assert (program.stdout.count, program.stdout.size) == (3, len("one two\ntwo\n\n"))
    assert (program.stdout.last(), program.stderr.last()) == ("two", "x")
    with pytest.raises(Failure) as caught:
        program.prints("two", 3, SHORT)
    assert caught.value.cause == "in 0.2 s its standard output has 2 of 3 such lines"
    assert caught.value.expected == "two"


def test_what_becomes_true_is_awaited_and_no_longer() -> None:
    answers = iter([False, False, True])
    assert becomes_true(lambda: next(answers), LONG)
    assert not becomes_true(lambda: False, SHORT)


def test_ctrl_c_is_put_off_while_a_program_starts() -> None:
    done = []

    def is_interrupted() -> None:
        with ctrl_c_put_off():
            signal.raise_signal(signal.SIGINT)
            done.append("started, and remembered")

    with pytest.raises(KeyboardInterrupt):
        is_interrupted()
    assert done == ["started, and remembered"]


def test_ctrl_c_is_what_it_was_when_a_program_cannot_start() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(CannotStart), ctrl_c_put_off():
        raise CannotStart("there is no such program")
    assert signal.getsignal(signal.SIGINT) is before

"""What a server uses, as the checks see it: its open files, its memory, its processor."""

import contextlib
import signal
import sys

import pytest

from stages.check import program as watched
from stages.check import resources
from stages.check.failure import Failure, Skip
from stages.check.program import (
    becomes_true,
)
from tests.check.programs import ON_LINUX, Start
from tests.check.wire import LONG, SHORT


@ON_LINUX
def test_open_files_are_counted(start: Start) -> None:
    program = start(
        "import sys",
        "print('few', flush=True); sys.stdin.read()",
        "files = [open('/dev/null') for _ in range(7)]",
        "print('many', flush=True)",
        "import time; time.sleep(60)",
    )
    program.prints("many", 1, LONG)
    many = program.open_files()
    program.has_at_most_open(many, SHORT)
    with pytest.raises(Failure, match=r"more files are open than before, after 0.2 s"):
        program.has_at_most_open(many - 1, SHORT)


@ON_LINUX
@pytest.mark.parametrize(
    ("keeps", "cause"),
    [
        ("0", None),
        ("4 if time < 3 else 0", None),
        ("4", r"its memory grows by more than 2 MiB each time"),
        ("2.5", r"its memory grows by more than 2 MiB each time"),
        ("1", None),
    ],
    ids=["nothing", "a heap that finds its size", "much", "too much", "little"],
)
def test_memory_that_grows_every_time_is_noticed(
    start: Start, keeps: str, cause: str | None
) -> None:
    program = start(
        *("import signal, sys", "kept = []", "signals = {signal.SIGUSR1}"),
        "signal.pthread_sigmask(signal.SIG_BLOCK, signals)",
        "for time in range(100):",
        "    print(time, flush=True)",
        "    signal.sigwait(signals)",
        f"    kept.append(b'x' * int(({keeps}) * (1 << 20)))",
    )
    times = iter(range(100))

    def act() -> None:
        program.prints(str(next(times)), 1, LONG)
        program.process.send_signal(signal.SIGUSR1)
        program.prints("", len(program.stdout.lines) + 1, LONG)

    with pytest.raises(Failure, match=cause) if cause else contextlib.nullcontext():
        program.keeps_nothing(act, 2 << 20)


@ON_LINUX
@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (["import time; time.sleep(60)"], None),
        (["while True: pass"], "it has nothing to do, and keeps a processor busy"),
    ],
    ids=["calm", "busy"],
)
def test_a_busy_program_is_not_calm(start: Start, lines: list[str], cause: str | None) -> None:
    program = start("print('here', flush=True)", *lines)
    program.prints("here", 1, LONG)
    with pytest.raises(Failure, match=cause) if cause else contextlib.nullcontext():
        program.is_calm(0.5)


@ON_LINUX
def test_a_busy_program_is_not_calm_where_it_gets_no_processor(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "BUSY", 2)  # As if the machine were loaded.
    program = start("print('here', flush=True)", "while True: pass")
    program.prints("here", 1, LONG)
    with pytest.raises(Failure, match="keeps a processor busy"):
        program.is_calm(0.5)


@ON_LINUX
def test_a_loud_program_is_not_calm(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "BUSY", 2)  # Whatever it costs to be loud.
    monkeypatch.setattr(watched, "RESTLESS", 2)
    program = start("import sys", "while True: sys.stderr.write('x' * 4095 + '\\n')")
    assert becomes_true(lambda: program.stderr.count > 0, LONG)
    with pytest.raises(Failure, match="it has nothing to do, and fills its log"):
        program.is_calm(0.5)


@ON_LINUX
def test_open_files_are_limited_and_free_again(start: Start) -> None:
    program = start(
        "import errno, time",
        "print('here', flush=True)",
        "while True:",
        "    time.sleep(0.01)",
        "    try: open('/dev/null').close()",
        "    except OSError as error: print(errno.errorcode[error.errno], flush=True)",
        "    else: print('opened', flush=True)",
    )
    program.prints("opened", 1, LONG)
    program.limit_open_files(program.open_files())
    program.prints("EMFILE", 1, LONG)
    program.limit_open_files(None)
    opened = program.stdout.with_text("opened")
    program.prints("opened", opened + 1, LONG)


def test_elsewhere_than_on_linux_what_it_uses_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    for ask in (resources.open_files, resources.cpu_seconds, resources.memory):
        with pytest.raises(Skip, match="needs Linux"):
            ask(1)
    with pytest.raises(Skip, match="needs Linux"):
        resources.limit_open_files(1, None)

"""A log that nobody reads: nobody waits for it, and what is missing is counted and said.

The stages and the finished server, which know nothing of each other, have the same of it.
"""

import logging
import os
import threading
from collections.abc import Iterator
from io import FileIO
from types import ModuleType

import pytest

import im_final.log_writer
import stages.log_writer

PATIENCE = 20.0
LINE = "x" * 99  # 100 bytes, with its newline.


class Pipe:
    """A pipe that is read only when asked, and a log that is written to it."""

    def __init__(self, module: ModuleType) -> None:
        self.read_end, write_end = os.pipe()
        self.file = os.fdopen(write_end, "wb", buffering=0)
        assert isinstance(self.file, FileIO)
        self.writer = module.LogWriter(self.file)
        self.rest = b""

    def log(self, *texts: str) -> None:
        """Log events."""
        for text in texts:
            self.writer.handle(logging.makeLogRecord({"msg": text}))

    def fill(self) -> int:
        """Log until the first line is dropped; returns how many were not."""
        count = 0
        while not self.writer.is_dropping:
            self.log(LINE)
            count += 1
        return count - 1

    def line(self) -> str:
        """The next line, read."""
        while b"\n" not in self.rest:
            self.rest += os.read(self.read_end, 2**16)
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode()

    def close(self) -> None:
        """Let go of both ends."""
        os.close(self.read_end)
        self.writer.close()
        self.writer.thread.join(PATIENCE)
        self.file.close()


@pytest.fixture(params=[im_final.log_writer, stages.log_writer], ids=["im_final", "stages"])
def log_writer(request: pytest.FixtureRequest) -> ModuleType:
    """The module of one, or of the other."""
    module: ModuleType = request.param
    return module


@pytest.fixture
def pipe(log_writer: ModuleType) -> Iterator[Pipe]:
    """A pipe and its log."""
    made = Pipe(log_writer)
    yield made
    made.close()


def test_nobody_waits_and_the_number_of_what_is_missing_stands_where_it_is_missing(
    pipe: Pipe, log_writer: ModuleType
) -> None:
    kept = pipe.fill()
    assert kept >= log_writer.WAITING // 100
    pipe.log(LINE, LINE)
    assert [pipe.line() for _ in range(kept)] == [LINE] * kept
    assert pipe.line() == log_writer.MISSING % 3
    pipe.log("it flows", "again")
    assert [pipe.line(), pipe.line()] == ["it flows", "again"]


def test_what_is_missing_is_missing_in_one_place(pipe: Pipe, log_writer: ModuleType) -> None:
    kept = pipe.fill()
    for _ in range(kept // 2):
        pipe.line()
    pipe.log("too early")  # There is a place, but not all is written.
    for _ in range(kept - kept // 2):
        pipe.line()
    assert pipe.line() == log_writer.MISSING % 2


def test_a_line_longer_than_the_queue_is_written_when_nothing_else_waits(
    pipe: Pipe, log_writer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "WAITING", 10)
    pipe.log(LINE)
    assert pipe.line() == LINE


def test_at_the_end_what_waits_is_written(log_writer: ModuleType) -> None:
    pipe = Pipe(log_writer)
    pipe.log(*map(str, range(100)))
    pipe.writer.close()
    pipe.writer.close()  # As `logging` does, again.
    assert [pipe.line() for _ in range(100)] == [str(number) for number in range(100)]
    pipe.close()


def test_at_the_end_one_who_does_not_read_is_not_waited_for(
    pipe: Pipe, log_writer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_writer, "CLOSING", 0.0)
    pipe.fill()
    pipe.writer.close()
    assert pipe.writer.thread.is_alive()


def test_what_an_event_is_about_is_not_kept(pipe: Pipe) -> None:
    class Somebody:
        gone = threading.Event()

        def __str__(self) -> str:
            return "somebody"

        def __del__(self) -> None:
            self.gone.set()

    pipe.fill()
    pipe.writer.handle(logging.makeLogRecord({"msg": "%s", "args": (Somebody(),)}))
    assert Somebody.gone.wait(PATIENCE)


def test_a_reader_who_has_gone_disturbs_nobody_and_what_cannot_be_written_is_counted(
    log_writer: ModuleType,
) -> None:
    pipe = Pipe(log_writer)
    os.close(pipe.read_end)
    pipe.log("to nobody", "to nobody")
    pipe.writer.close()
    assert pipe.writer.missing == 2
    pipe.file.close()


@pytest.mark.skipif(os.name != "posix", reason="there are no such pipes")
def test_a_pipe_that_somebody_made_non_blocking_is_waited_for(
    pipe: Pipe, log_writer: ModuleType
) -> None:
    os.set_blocking(pipe.file.fileno(), False)
    kept = pipe.fill()
    assert [pipe.line() for _ in range(kept)] == [LINE] * kept
    assert pipe.line() == log_writer.MISSING % 1


def test_a_line_that_cannot_be_made_costs_nobody_else_theirs(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    pipe.writer.handle(logging.makeLogRecord({"msg": "%d", "args": ("none",)}))
    pipe.log("well")
    assert pipe.line() == "well"

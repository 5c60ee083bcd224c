"""A log that nobody reads keeps nobody waiting: each stream is written in a thread of its own.

    event loop ──a line──▶ queue, at most WAITING bytes ──thread──▶ stdout, or stderr

A pipe takes 64 KiB and then blocks the writer: if that were the event loop, a log viewer that hangs
would freeze the room. A line for which the queue has no place is dropped and counted. From then on
all are dropped until the queue is empty, so the lines that are missing are missing in one place,
and their number is said there.
"""

import logging
import select
import signal
import threading
from io import FileIO
from queue import SimpleQueue

WAITING = 2**20  # Bytes of a stream that may wait, which is some ten thousand lines.
CLOSING = 0.5  # Seconds to write what still waits when the program ends.
MISSING = "%d lines of the log are missing here: they could not be written"


class LogWriter(logging.Handler):
    """Writes to `file`, unbuffered, without ever waiting for it."""

    def __init__(self, file: FileIO) -> None:
        super().__init__()
        self.file = file
        self.lines: SimpleQueue[bytes | None] = SimpleQueue()  # None is the end.
        self.counting = threading.RLock()  # For these three.
        self.waiting = 0
        self.missing = 0
        self.is_dropping = False
        self.is_cut = False  # What was written last is a part of a line. The thread's alone.
        self.thread = threading.Thread(target=self.write_lines, name="log", daemon=True)
        start_without_signals(self.thread)

    def emit(self, record: logging.LogRecord) -> None:
        """Put an event into the queue, as text: what it is about is not kept."""
        try:
            line = self.line(record)
        except Exception:
            self.handleError(record)
            return
        with self.counting:
            if self.waiting and self.waiting + len(line) > WAITING:
                self.is_dropping = True
            if self.is_dropping:
                self.missing += 1
            else:
                self.waiting += len(line)
                self.lines.put(line)

    def line(self, record: logging.LogRecord) -> bytes:
        """What is written about an event."""
        return f"{self.format(record)}\n".encode(errors="backslashreplace")

    def close(self) -> None:
        """End the thread when all is written, or in CLOSING seconds; `logging` asks at the end."""
        self.lines.put(None)
        self.thread.join(CLOSING)
        super().close()

    # In the thread.

    def write_lines(self) -> None:
        """Write what comes; when all of it is written, say how many lines are missing."""
        while (line := self.lines.get()) is not None:
            is_written = self.write(line)
            missing = 0
            with self.counting:
                self.waiting -= len(line)
                self.missing += not is_written
                if not self.waiting:
                    self.is_dropping = False
                    if is_written:
                        missing, self.missing = self.missing, 0
            if missing and not self.write(self.line(about(missing))):
                with self.counting:
                    self.missing += missing

    def write(self, data: bytes) -> bool:
        """Wait until all is written. Returns False if it cannot be: no reader, no space."""
        rest = memoryview(b"\n" + data if self.is_cut else data)
        try:
            while rest:
                count = self.file.write(rest)
                if count is None:  # Somebody made it non-blocking.
                    select.select([], [self.file], [])
                else:
                    rest = rest[count:]
                    self.is_cut = bool(rest)
        except (OSError, ValueError):
            return False
        return True


def about(missing: int) -> logging.LogRecord:
    """The event that so many lines are missing."""
    level = logging.WARNING
    name = logging.getLevelName(level)
    event = {"msg": MISSING, "args": (missing,), "levelno": level, "levelname": name}
    return logging.makeLogRecord(event)


def start_without_signals(thread: threading.Thread) -> None:
    """Start a thread that no signal is given to, as the main thread waits for them."""
    if not hasattr(signal, "pthread_sigmask"):  # On Windows.
        thread.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        thread.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

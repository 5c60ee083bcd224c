"""A log that nobody reads keeps nobody waiting: it is written in a thread of its own.

A pipe takes 64 KiB, and then who writes to it has to wait. If that were the event loop, the whole
room would wait for whoever should read the log. So the loop puts a line into a queue and goes on.
When the queue is full, lines are dropped until all of it is written; then their number is said.
"""

import logging
import select
import signal
import threading
from io import FileIO
from queue import SimpleQueue

WAITING = 2**20  # Bytes that may wait.
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
        """Put an event into the queue, as text."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
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
            if missing and not self.write(f"{MISSING % missing}\n".encode()):
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

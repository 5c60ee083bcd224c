"""A pipe for the output of a program, which can be left unread for a while."""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

if sys.platform == "linux":
    import fcntl

SMALL = 4096  # Bytes; the least that Linux has, so that a pipe is soon full.


class Tap:
    """A reader that copies a program's output to the file `path` while `flows` is set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.flows = threading.Event()
        self.flows.set()

    def inlet(self) -> IO[bytes]:
        """The end of a new pipe, for a program to write to; the caller closes its own copy."""
        out, into = os.pipe()
        if sys.platform == "linux":  # Elsewhere a pipe has the size that it has.
            with suppress(OSError):
                fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, SMALL)
        threading.Thread(target=self._copy, args=(out,), daemon=True).start()
        return os.fdopen(into, "wb", buffering=0)

    def _copy(self, out: int) -> None:
        with os.fdopen(out, "rb", buffering=0) as pipe, self.path.open("ab", buffering=0) as file:
            while data := pipe.read(SMALL):
                file.write(data)
                self.flows.wait()

"""What a program writes, read as bytes: a log need not be in UTF-8, nor in any encoding we know."""

import locale
import re
import threading
from collections import deque
from typing import IO

KEPT = 10_000  # Lines of a log that are kept.
# A log is in the encoding of its console: on a Chinese Windows GBK, which is a part of gb18030.
ENCODINGS = tuple(dict.fromkeys(("utf-8", locale.getencoding(), "gb18030")))
LOST = r"(?:\?|\ufffd|\\u[0-9a-f]{4})"  # How a character is printed that an encoding has not.


class Log:
    """What a program writes to one of its streams, read in a thread so that it never has to wait.

    `raw` are the last lines, `count` and `size` (bytes) are of all.
    """

    def __init__(self, stream: IO[bytes] | None) -> None:
        self.raw: deque[bytes] = deque(maxlen=KEPT)
        self.count = 0
        self.size = 0
        self.stream = stream
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        if self.stream is None:
            return
        with self.stream:
            for line in self.stream:
                self.raw.append(line.rstrip(b"\r\n"))
                self.count += 1
                self.size += len(line)

    @property
    def lines(self) -> list[str]:
        """The last lines as text."""
        return [as_text(line) for line in list(self.raw)]

    def last(self) -> str:
        """The last line that has anything in it."""
        return next((line.strip() for line in reversed(self.lines) if line.strip()), "")

    def with_text(self, text: str) -> int:
        """How many of the lines have `text` in them, in whichever encoding."""
        encoded = [in_encoding(text, name) for name in ENCODINGS]
        forms = [form for form in encoded if form is not None]
        return sum(any(form in line for form in forms) for line in list(self.raw))

    def garbled(self, text: str) -> str | None:
        """The last line that is `text`, but for characters which its encoding does not have."""
        pattern = "".join(char if char.isascii() else "\0" for char in text)
        wanted = re.compile(re.escape(pattern).replace("\0", LOST))
        return next((line for line in reversed(self.lines) if wanted.search(line)), None)


def in_encoding(text: str, name: str) -> bytes | None:
    """`text` in an encoding, or None if that has not all its characters."""
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return None


def as_text(line: bytes) -> str:
    """A line of a log, decoded as well as can be."""
    for name in ENCODINGS:
        try:
            return line.decode(name)
        except UnicodeDecodeError:
            continue
    return line.decode(errors="replace")

"""Bytes to lines, lines to text, events to bytes. No I/O.

TCP carries a stream of bytes, cut anywhere: in the middle of a line, of a character, or after ten
lines. What ends a line is the byte 0x0A and nothing else. So lines are cut from bytes, and each
whole line is decoded; `str.splitlines` would also cut at U+2028, and a stranger could forge a line.

What people write is hostile to the bare terminal of whoever reads it: an escape sequence can clear
the screen or rewrite the title, a direction character shows a text backwards. `clean` drops these.
"""

import re

from im_final import phrases

# C0 but TAB, DEL and C1; line and paragraph separators; marks, embeddings, overrides and isolates
# of direction (Unicode 16, chapter 23.2 and UAX 9).
HOSTILE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")

# Bytes after which a line has to be looked at more closely: C0 but TAB and LF, the bar of commands,
# DEL, and whatever begins a hostile character in UTF-8 (and many harmless ones, too).
SUSPICIOUS = bytes([*range(0x09), *range(0x0B, 0x20), *b"|", 0x7F, 0xC2, 0xD8, 0xE2])
MARK = b"\xef\xbb\xbf"  # A byte order mark: .NET writes it, as a StreamWriter's first bytes.
NO_CHAT = (b"\n", b"who\n", MARK)  # What is not said, in a text that begins with it...
NO_CHAT_WITHIN = re.compile(rb"\n(?:\n|who\n|\xef\xbb\xbf)")  # ...or has it further on.


class Lines:
    """Cuts what comes in into lines.

    Keeps no more than what was fed last and a line not yet complete. A line longer than `longest`
    bytes is returned as it is, as soon as that is certain: whoever asks has to look at its length.
    """

    __slots__ = ("longest", "rest", "searched")

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self.rest: bytes | bytearray = b""
        self.searched = 0  # Bytes of `rest` that are known to have no newline in them.

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their newline (a CR before it stays)."""
        if self.rest and self.searched == len(self.rest) and b"\n" not in data:
            self.rest += data  # A byte costs a byte, however much there is of this line.
            lines = []
        else:
            lines = (bytes(self.rest) + data if self.rest else data).split(b"\n")
            rest = lines.pop()
            self.rest = bytearray(rest) if rest else b""
        self.searched = len(self.rest) if self.rest else 0
        if self.searched > self.longest:
            lines.append(self.take_back())
        return lines

    def feed_plain(self, data: bytes) -> bytes | None:
        """The complete lines as they stand, if all are plain chat; else None: feed them instead."""
        data = bytes(self.rest) + data
        end = data.rfind(b"\n") + 1
        lines = data[:end]
        if len(data) - end > self.longest or not is_plain(lines, self.longest):
            return None
        self.rest, self.searched = data[end:], 0
        return lines

    def put_back(self, lines: list[bytes]) -> None:
        """Keep lines for later: they are in what `feed` returns next."""
        if lines:
            self.rest = b"\n".join([*lines, self.rest])

    def add(self, data: bytes) -> None:
        """Keep what comes for later, too."""
        self.rest = bytes(self.rest) + data

    def take_back(self) -> bytes:
        """All that was kept, as if it had not come."""
        data = bytes(self.rest)
        self.rest, self.searched = b"", 0
        return data

    def end(self) -> list[bytes]:
        """The input has ended, and that ends the last line."""
        lines = self.feed(b"")
        if self.rest:
            lines.append(self.take_back())
        return lines


def is_plain(lines: bytes, longest: int) -> bool:
    """Whether complete lines can be said as they are: no command, nothing to refuse or to clean.

    That is asked of all of them together, in a few calls that each go over the bytes once: a
    thousand lines in one read cost little more than one. `False` only means to look at each.
    """
    if (
        lines.startswith(NO_CHAT)
        or NO_CHAT_WITHIN.search(lines)
        or len(lines.translate(None, SUSPICIOUS)) != len(lines)
    ):
        return False
    begin = 0
    while begin + longest < len(lines):
        begin = lines.rfind(b"\n", begin, begin + longest + 1) + 1
        if not begin:
            return False
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True


def text_of(line: bytes) -> str:
    """A line as text, without a mark before it and the CR of telnet. Raises UnicodeDecodeError."""
    if line[:3] == MARK:
        line = line[3:]
    return line.removesuffix(b"\r").decode()


def clean(text: str) -> str:
    """`text` without what a terminal would act on instead of showing it."""
    return text if text.isprintable() else HOSTILE.sub("", text)


def encode(*texts: str) -> bytes:
    """Lines to send."""
    return "\n".join((*texts, "")).encode()


def prefixed(prefix: bytes, lines: bytes) -> bytes:
    """Complete lines, each as everyone reads it."""
    with_one_too_many = lines.replace(b"\n", b"\n" + prefix)
    return b"".join((prefix, memoryview(with_one_too_many)[: -len(prefix)]))


def prefix(addr: str, name: str) -> bytes:
    """How every line about this user begins."""
    return phrases.SAID.format(addr=addr, name=name, text="").encode()

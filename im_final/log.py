"""The room's broadcasts, once, as bytes; and cursors, which are places in them.

Everyone in a room reads the same stream. With a queue for each user, a line costs as many appends
as there are readers. Here it costs one: the stream exists once, as a chain of blocks, and a reader
is a cursor in it. What a turn of the event loop has appended becomes one block (`seal`), which each
reader then gets in one write, and all readers the same bytes object.

    Block ──next──▶ Block ──next──▶ Block (open: still being appended to)
      ▲                ▲              ▲
      a slow cursor    another        all who have read everything

The log itself holds on to the open block only. Older ones live as long as a cursor has not passed
them, and no longer. So what is kept is what the slowest reader has not read, and that is bounded by
whoever looks at `Cursor.behind` and drops a reader who is too far back: the readers do not add up.
(Kafka's log and consumer offsets are the precedent; LMAX's ring buffer, for one process.)
"""

BLOCK = 2**16  # Bytes at which a block is sealed within a turn: none is longer but by one `append`.


class Block:
    """A part of the log. It is sealed when it has a `next`; until then `data` is empty."""

    __slots__ = ("data", "next", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.data = b""
        self.next: Block | None = None


class Log:
    """Takes lines at its end. Positions count bytes since the beginning, and only grow."""

    __slots__ = ("end", "lines", "open", "parts", "sealed")

    def __init__(self) -> None:
        self.open = Block(0)
        self.parts: list[bytes] = []  # Of the open block.
        self.sealed = 0  # Position up to which readers can read.
        self.end = 0  # Position up to which it is decided what they will read.
        self.lines = 0  # How many lines that is.

    def append(self, text: bytes, lines: int = 1) -> None:
        """Add a line with its newline, or so many `lines`."""
        self.parts.append(text)
        self.end += len(text)
        self.lines += lines
        if self.end - self.sealed >= BLOCK:
            self.seal()

    def seal(self) -> None:
        """Let readers have what was appended since the last time, as one block."""
        if self.parts:
            self.open.data = b"".join(self.parts)
            self.open.next = self.open = Block(self.end)
            self.parts = []
            self.sealed = self.end

    def cursor(self) -> "Cursor":
        """A cursor behind everything that has been appended, sealed or not."""
        return Cursor(self)


class Cursor:
    """A place in the log, from which everything after it can be taken."""

    __slots__ = ("block", "log", "offset")

    def __init__(self, log: Log) -> None:
        self.log = log
        self.block = log.open
        self.offset = log.end - log.open.start

    @property
    def position(self) -> int:
        """How much of the log lies before this place, in bytes."""
        return self.block.start + self.offset

    @property
    def behind(self) -> int:
        """How much of the log lies after this place, in bytes, sealed or not."""
        return self.log.end - self.block.start - self.offset

    def take(self, limit: int, stop: int | None = None) -> bytes:
        """The next bytes, after which the cursor stands; none when all was taken, or at `stop`.

        It is at least a block, so a reader who is up to date gets the very object that all others
        get. Small blocks are joined, up to `limit` bytes and at most a block more: one who has much
        to catch up with needs few writes.
        """
        first = self._rest(stop)
        if len(first) >= limit or self.block.next is None:
            return first
        parts, size = [first], len(first)
        while size < limit and (part := self._rest(stop)):
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def let_go(self) -> None:
        """Keep the place and none of what comes after it: there is nothing more to take."""
        self.block, self.offset = Block(self.position), 0

    def _rest(self, stop: int | None) -> bytes:
        """The rest of the block, or of what is before `stop` in it."""
        block, offset = self.block, self.offset
        if block.next is None:
            return b""
        if stop is not None and stop < block.start + len(block.data):
            self.offset = max(offset, stop - block.start)
            return block.data[offset : self.offset]
        self.block = block.next
        self.offset = 0
        return block.data[offset:]  # From 0 on it is the object itself, not a copy.

"""One person in a room: a real socket with a label, whose every wait has a deadline.

The people of the checks are the same, and do most of what is done here. What is added is for
notebooks: lines are returned as they are shown, with the label of a person where their port stands,
so that a page reads the same on every run; and what did not come is told in one line.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import overload

from stages.check import client as check_client
from stages.check.client import END
from stages.check.failure import Failure
from stages.check.transcript import Transcript

MANY = 5  # Times the patience for one line: so long may all that is left take.


class Client(check_client.Client):
    """Somebody who is connected; get one from `room.join("alice")` or `room.connect("alice")`.

    They say a line with `send`, and read with `read`. For trouble there are `send_pieces`,
    `half_close`, `reset` and, in `room.connect`, `reads=False`. `addr` is their address as the
    server sees it.
    """

    def __init__(
        self,
        label: str,
        sock: socket.socket,
        transcript: Transcript,
        patience: float,
        *,
        reading: bool,
        pause: Callable[[], None],
        trouble: Callable[[], str],
        mistake: Callable[[], str],
    ) -> None:
        super().__init__(label, sock, transcript, patience)
        self.reading = reading
        self._pause = pause
        self._trouble = trouble
        self._mistake = mistake

    def __repr__(self) -> str:
        return f"<{self.label}{'' if self.is_here() else ', who has left'}>"

    def is_here(self) -> bool:
        """Whether the connection is open on both sides, as far as one has read."""
        return self.sock.fileno() >= 0 and not self.ended

    # Saying something.

    def send(self, *lines: str) -> None:
        """Send lines, one after another."""
        with self._told():
            for line in lines:
                super().send(line)

    def send_bytes(self, data: bytes) -> None:
        """Send exactly these bytes, in one piece."""
        with self._told():
            super().send_bytes(data)

    def send_pieces(self, *pieces: bytes) -> None:
        """Send these bytes so that the server reads each piece by itself."""
        self._pause()  # What was sent before is none of the first piece.
        for piece in pieces:
            self.send_bytes(piece)
            self._pause()

    # Reading.

    @overload
    def read(self) -> str: ...
    @overload
    def read(self, count: int) -> list[str]: ...
    def read(self, count: int | None = None) -> str | list[str]:
        """The next line, or with a `count` a list of so many."""
        with self._told():
            lines = [self._shown(self.next_line()) for _ in range(count or 1)]
        return lines[0] if count is None else lines

    def reads(self, *lines: str) -> None:
        """The next lines are exactly these; if not, the difference is told."""
        with self._told():
            super().reads(*lines)

    def read_until(self, text: str) -> list[str]:
        """The next lines, up to one with `text` in it."""
        lines: list[str] = []
        with self._told():
            while not lines or text not in lines[-1]:
                lines.append(self.next_line(f"…{text}…"))
        return [self._shown(line) for line in lines]

    def read_end(self) -> str:
        """There are no more lines: the server has closed the connection."""
        with self._told():
            self.reads_end()
        return END

    def read_rest(self) -> list[str]:
        """All lines up to the end of the stream, which has to come."""
        had_ended = self.ended
        with self._told():
            lines = [self._shown(line) for line in self.rest(MANY * self.patience)]
        if not had_ended:
            self.transcript.reads(self.label, END)
        return lines

    def listen(self, seconds: float = 0.5) -> list[str]:
        """The lines that come within so many seconds; often, and that is the point, none.

        Prints the server's last mistake, if `room.trouble()` has not returned it.
        """
        deadline = time.monotonic() + seconds
        had_ended = self.ended
        with self._told():
            while self._receive(deadline):
                pass
            lines = [self._shown(self.next_line()) for _ in range(self.unread.count(b"\n"))]
        if self.ended and not had_ended:
            self.transcript.reads(self.label, END)
        elif not lines and not self.ended:
            self.transcript.does(self.label, f"reads nothing for {seconds:g} s")
        if mistake := self._mistake():
            print(f"in the server: {mistake}")
        return lines

    # Going.

    def half_close(self) -> None:
        """End the input, as `nc -N` does; what the server sends can still be read."""
        with self._told():
            super().half_close()

    def reset(self) -> None:
        """Vanish without a goodbye, as when a program is killed or a machine loses power."""
        with self._told():
            super().reset()

    def leave(self) -> None:
        """Close the connection; nothing happens if it is closed already."""
        if self.sock.fileno() >= 0:
            self.close()

    # How it is done.

    def _shown(self, line: str) -> str:
        return self.transcript.show(line)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let what was in vain be told by labels, not by ports, and with the server's trouble."""
        try:
            if self.sock.fileno() < 0:
                raise Failure("has left the room already", reader=self.label)
            yield
        except Failure as failure:
            if trouble := self._trouble():
                failure.cause += f"; in the server: {trouble}"
            self.transcript.present(failure)
            raise

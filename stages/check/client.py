"""One person in a check: a blocking socket with a label, whose every wait has a deadline.

A client remembers bytes that came after the last newline, so what it reads does not depend on how
they were packed; and it records what it did in the transcript of the room.
"""

import contextlib
import socket
import struct
import time

from stages import phrases
from stages.check.failure import FAREWELLS, Failure, differs
from stages.check.transcript import Transcript

CHUNK = 1 << 16
END = "end of the stream"  # What is read last, in a transcript.


class Client:
    """A connection to the server under test.

    `addr` is how the server sees it; `name` is what it is called now (set it after a rename).
    """

    def __init__(
        self, label: str, sock: socket.socket, transcript: Transcript, patience: float
    ) -> None:
        host, port = sock.getsockname()[:2]
        self.label = label
        self.sock = sock
        self.addr = self.name = f"{host}:{port}"
        self.transcript = transcript
        self.patience = patience
        self.unread = b""
        self.ended = False
        self.last: str | None = None  # What was read last.
        self.past: set[str] = set()  # Addresses of people of before; lines about them are skipped.
        transcript.owners[self.addr] = label

    # What a person does.

    def send(self, text: str) -> None:
        """Send one line."""
        self.transcript.sends(self.label, text)
        self._send(f"{text}\n".encode())

    def send_bytes(self, data: bytes) -> None:
        """Send exactly these bytes, as one segment if the system allows."""
        self.transcript.sends(self.label, f"{data!r}"[1:])
        self._send(data)

    def half_close(self) -> None:
        """End the input, as `nc -N` does; what the server sends can still be read."""
        self.transcript.does(self.label, "ends its input")
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self._gone() from error

    def close(self) -> None:
        """Leave."""
        self.transcript.does(self.label, "leaves")
        self.sock.close()

    def reset(self) -> None:
        """Vanish: the server sees a reset (RST), as when a program is killed."""
        self.transcript.does(self.label, "vanishes (connection reset)")
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def take_name(self, new: str) -> None:
        """Be called `new` from now on."""
        old, self.name = self.name, new
        self.send(f"rename|{new}")
        self.reads(phrases.RENAMED.format(old=old, new=new))

    # What a person expects.

    def says(self, text: str) -> str:
        """The line that everyone reads when this person says `text`, under today's name."""
        return phrases.SAID.format(addr=self.addr, name=self.name, text=text)

    def reads(self, *lines: str) -> None:
        """The next lines are exactly these."""
        for number, expected in enumerate(lines):
            before, got = self.last, self.next_line(expected)
            if got != expected and got == before:
                raise Failure("the same line came twice", expected, got, self.label)
            if got != expected:
                raise differs(self.label, expected, got, lines[number + 1 :])

    def reads_up_to(self, last: str) -> list[str]:
        """The next lines, whatever they are, up to and with this one."""
        lines = [self.next_line(last)]
        while lines[-1] != last:
            lines.append(self.next_line(last))
        return lines

    def reads_until_all(self, *lines: str) -> list[str]:
        """The next lines, whatever they are, until these were among them, in whatever order."""
        missing = list(lines)
        came = []
        while missing:
            came.append(self.next_line(missing[0]))
            if came[-1] in missing:
                missing.remove(came[-1])
        return came

    def reads_in_any_order(self, *lines: str) -> list[str]:
        """The next lines are these, in whatever order; returns them in the order they came."""
        missing = list(lines)
        came = []
        while missing:
            line = self.next_line(missing[0])
            if line not in missing:
                cause = "not one of the lines that were due"
                raise Failure(cause, None, line, self.label)
            missing.remove(line)
            came.append(line)
        return came

    def listens(self, seconds: float) -> bool:
        """Take in what comes for so long; whether the stream has ended, or was cut, by then."""
        deadline = time.monotonic() + seconds
        try:
            while self._receive(deadline):
                pass
        except Failure:
            self.ended = True
        return self.ended

    def next_line(self, expected: str | None = None) -> str:
        """The next line without its newline; bad UTF-8 shows as U+FFFD.

        Raises Failure when none comes in time; `expected` is only for the message.
        """
        self.last = self.next_bytes(expected).decode(errors="replace")
        return self.last

    def next_bytes(self, expected: str | None = None) -> bytes:
        """`next_line` before it is decoded."""
        deadline = time.monotonic() + self.patience
        while not self._has_line():
            if not self._receive(deadline):
                raise self._no_line(expected)
        line, _, self.unread = self.unread.partition(b"\n")
        self.transcript.reads(self.label, line.decode(errors="replace"))
        return line

    def reads_end(self) -> None:
        """The server has nothing more to say and closes the connection."""
        deadline = time.monotonic() + self.patience
        while not self._has_line() and self._receive(deadline):
            pass
        if self.unread:
            got = self.unread.partition(b"\n")[0].decode(errors="replace")
            self.transcript.reads(self.label, got)
            raise Failure("a line came where the stream should have ended", None, got, self.label)
        if not self.ended:
            raise Failure(
                f"the connection was not closed in {self.patience:g} s", reader=self.label
            )
        self.transcript.reads(self.label, END)

    def rest(self, seconds: float | None = None) -> list[str]:
        """All lines until the end of the stream, which comes in time: `patience`, or `seconds`."""
        seconds = self.patience if seconds is None else seconds
        deadline = time.monotonic() + seconds
        while self._receive(deadline):
            pass
        if not self.ended:
            raise Failure(f"the connection was not closed in {seconds:g} s", reader=self.label)
        raw = self.unread.removesuffix(b"\n").split(b"\n") if self.unread else []
        self.unread = b""
        lines = [line.decode(errors="replace") for line in raw if not self._is_past(line)]
        for line in lines:
            self.transcript.reads(self.label, line)
        return lines

    # How it is done.

    def _send(self, data: bytes) -> None:
        self.sock.settimeout(self.patience)
        try:
            self.sock.sendall(data)
        except TimeoutError as error:
            cause = f"the server took no more input for {self.patience:g} s"
            raise Failure(cause, reader=self.label) from error
        except OSError as error:
            raise self._gone() from error

    def _has_line(self) -> bool:
        """Whether there is a line to read; those about people of before are skipped.

        A server may close a connection first, and tell later that its user has left.
        """
        while b"\n" in self.unread and self._is_past(self.unread):
            self.unread = self.unread.partition(b"\n")[2]
        return b"\n" in self.unread

    def _is_past(self, line: bytes) -> bool:
        """Whether a line begins with the address of one of them."""
        return (
            line.startswith(b"[")
            and line[1 : max(line.find(b"]"), 1)].decode(errors="replace") in self.past
        )

    def _receive(self, deadline: float) -> bool:
        """Take what comes until `deadline`; whether anything did."""
        left = deadline - time.monotonic()
        if self.ended or left <= 0:
            return False
        self.sock.settimeout(left)
        try:
            chunk = self.sock.recv(CHUNK)
        except TimeoutError:
            return False
        except OSError as error:
            raise self._gone() from error
        self.unread += chunk
        self.ended = not chunk
        return bool(chunk)

    def _gone(self) -> Failure:
        """The connection was cut. What is there to read may tell why."""
        self.sock.settimeout(0)
        with contextlib.suppress(OSError):
            while chunk := self.sock.recv(CHUNK):
                self.unread += chunk
        last = self.unread.removesuffix(b"\n").rpartition(b"\n")[2].decode(errors="replace")
        if last in FAREWELLS:
            self.transcript.reads(self.label, last)
            cause = f"{FAREWELLS[last]}, and cut the connection"
            return Failure(cause, None, last, self.label)
        return Failure("the server cut the connection (reset)", reader=self.label)

    def _no_line(self, expected: str | None) -> Failure:
        got = self.unread.decode(errors="replace")
        if got:
            self.transcript.reads(self.label, got)
        if got and got == expected:
            return Failure("no newline at the end", expected, got, self.label)
        if self.ended:
            cause = "the server closed the connection"
        elif got:
            cause = f"no newline came in {self.patience:g} s"
        else:
            cause = f"nothing came in {self.patience:g} s"
        return Failure(cause, expected, got or None, self.label)

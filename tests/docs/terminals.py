"""What the console sessions of the pages need: servers, people who type, and what is printed."""

import contextlib
import os
import queue
import re
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.docs.pages import ROOT

PATIENCE = 20.0  # Seconds in which everything here has to happen.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")


class Terminal:
    """A program that runs, and the lines that it prints on stdout and stderr."""

    def __init__(
        self, words: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            words,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self.lines.put(line.decode().rstrip("\r\n"))

    def line(self) -> str:
        """The next line. Raises queue.Empty if there is none in time."""
        return self.lines.get(timeout=PATIENCE)

    def wait_for(self, text: str) -> str:
        """The next line with `text` in it."""
        while text not in (line := self.line()):
            pass
        return line

    def type(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def end(self) -> None:
        """End it, if it has not ended."""
        with contextlib.suppress(OSError):
            if self.process.stdin:
                self.process.stdin.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)


@contextlib.contextmanager
def terminal(
    words: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """A program that is ended at the end."""
    opened = Terminal(words, cwd, env)
    try:
        yield opened
    finally:
        opened.end()


def serve_words(command: str, *more: str) -> list[str]:
    """`python3 -m im_final serve ...` of a page, for a free port."""
    python, *words = shlex.split(command)
    assert [python, *words[:3]] == ["python3", "-m", "im_final", "serve"]
    return [sys.executable, *words, "--port", "0", *more]


def port_in(line: str) -> int:
    """The port in a ready line."""
    found = ADDRESS.search(line)
    assert found, line
    return int(found[1])


class Page:
    """Real output as a page has it: one moment for all, and ports in the order they appear."""

    def __init__(self, server: int) -> None:
        self.ports = {str(server): "9999"}

    def has(self, line: str) -> str:
        """A real line, as it stands in the page."""
        line = MOMENT.sub("2026-01-31T12:00:00.000Z", line)
        return ADDRESS.sub(lambda found: f"127.0.0.1:{self.number(found[1])}", line)

    def number(self, port: str) -> str:
        """What stands in the page for a port."""
        return self.ports.setdefault(port, str(50_000 + len(self.ports)))


class Person:
    """Somebody with a connection to the server."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.file = self.sock.makefile("rb")

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.sock.close()

    def type(self, line: str) -> None:
        """Type a line."""
        self.sock.sendall(f"{line}\n".encode())

    def line(self) -> str:
        """The next line that comes; without its newline."""
        return self.file.readline().decode().removesuffix("\n")


def play(lines: Sequence[str], who: Person | Terminal, page: Page) -> None:
    """Type what is typed in a page, and see that the rest comes."""
    for line in lines:
        if line.startswith("» "):
            who.type(line.removeprefix("» "))
        else:
            assert page.has(who.line()) == line

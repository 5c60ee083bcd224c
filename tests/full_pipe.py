"""A pipe that is full, as of a log viewer that hangs."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stages.check.program import free_port

PATIENCE = 20.0


@dataclass
class Pipe:
    """Its two ends, and the bytes that are in it before anybody else writes."""

    read_end: int
    write_end: int
    filling: int = 0

    def read(self, size: int) -> bytes:
        """So many bytes, after the filling."""
        data = b""
        while len(data) < self.filling + size:
            data += os.read(self.read_end, self.filling + size - len(data))
        data, self.filling = data[self.filling :], 0
        return data


@contextlib.contextmanager
def full_pipe() -> Iterator[Pipe]:
    """A pipe into which nothing more goes until it is read."""
    pipe = Pipe(*os.pipe())
    os.set_blocking(pipe.write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            pipe.filling += os.write(pipe.write_end, b"." * 2**16)
    with contextlib.suppress(BlockingIOError):
        while True:
            pipe.filling += os.write(pipe.write_end, b".")
    os.set_blocking(pipe.write_end, True)
    try:
        yield pipe
    finally:
        os.close(pipe.read_end)
        os.close(pipe.write_end)


class Unread:
    """A server whose output nobody reads, and somebody who is connected to it."""

    def __init__(self, words: list[str], streams: Mapping[str, int]) -> None:
        port = free_port()
        words = [sys.executable, "-m", *words, "--port", str(port)]
        self.process = subprocess.Popen(
            words, stdout=streams.get("stdout"), stderr=streams.get("stderr")
        )
        self.user = connect(port)

    def echoes(self, text: str) -> bool:
        """Say a line; returns True if it is heard."""
        self.user.sendall(f"{text}\n".encode())
        with self.user.makefile("r", encoding="utf-8") as lines:
            return any(line.endswith(f":{text}\n") for line in iter(lines.readline, ""))

    def close(self) -> None:
        """End it, if it has not ended."""
        self.user.close()
        self.process.kill()
        self.process.wait(PATIENCE)


def connect(port: int) -> socket.socket:
    """A connection to a server that is starting."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)

"""Programs that are started with standard streams closed."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

PATIENCE = 20.0
CLOSED = pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])


def without_streams(closed: str, *words: str) -> list[str]:
    """The command of `python -m` with these words that closes streams, as a shell says it."""
    return ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", *words]


def run(closed: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one that ends by itself, and read the streams that it has."""
    return subprocess.run(
        without_streams(closed, *words),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


@contextlib.contextmanager
def running(closed: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start one that ends when it is told to; read the streams that it has."""
    with subprocess.Popen(
        without_streams(closed, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()

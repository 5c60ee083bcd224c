"""Programs that may open few files."""

import subprocess
import sys
from collections.abc import Sequence

import pytest

PATIENCE = 20.0
FEW = pytest.mark.parametrize("files", range(5, 11))


def run(files: int, *words: str, inherited: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
    """Run `python -m` with these words, which ends by itself, and with files that are open."""
    return subprocess.run(
        ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", sys.executable, "-m", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        pass_fds=inherited,
    )

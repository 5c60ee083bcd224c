"""Programs that may open few files."""

import subprocess
import sys

import pytest

PATIENCE = 20.0
FEW = pytest.mark.parametrize("files", range(5, 11))
START = """
import os, resource, sys
files, inherited = int(sys.argv[1]), int(sys.argv[2])
for _ in range(inherited):
    os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)
resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[3:]])
"""


def run(files: int, *words: str, inherited: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `python -m` with these words, which ends by itself, and with files that are open."""
    return subprocess.run(
        [sys.executable, "-c", START, str(files), str(inherited), *words],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )

"""Three nodes hold every check of the eight stages: the check's people are spread over them.

They are workers of one port, among which the system shares out who connects; so an address is what
it is without any of this.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from stages.check import catalogue
from stages.check.suite import select
from tests.im_final.children import POSIX
from tools.soak.house import Store

STAGE = 8
NAMES = [one.name for one in select(catalogue.CHECKS, STAGE)]
PARTS = 3  # At the same time, each in a room of its own.
PATIENCE = 100.0
SLOWLY = 10.0  # Seconds that the nodes may take for anything, with so much going on.


def hold(store: Store, part: int) -> str:
    """Make a part of the checks; returns what is wrong."""
    names = NAMES[part::PARTS]
    words = [sys.executable, "-m", "stages.check", str(STAGE), "--patience", str(SLOWLY)]
    words += ["--keep-going", *[f"--only={name}" for name in names], "--"]
    words += [sys.executable, "-m", "im_final", "serve", "--port", "{port}", "--workers", "3"]
    words += ["--backplane", f"redis://127.0.0.1:{store.port}/{part}", "--heartbeat", "0.2"]
    words += ["--lease", "10", "--room", "room-{port}", "--idle-timeout", "{idle}"]
    done = subprocess.run(
        words, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
    )
    total = f"{len(names)} of {len(names)} checks"
    return "" if total in done.stdout and not done.returncode else done.stdout + done.stderr


@POSIX
def test_three_nodes_hold_every_check(store: Store) -> None:
    with ThreadPoolExecutor(PARTS) as pool:
        for wrong in pool.map(lambda part: hold(store, part), range(PARTS)):
            assert not wrong, wrong

"""Hold every right server to every stage; a failure is a mistake of the checks.

    python tests/check/every_design.py [--at-once N] [--stage STAGE ...] [NAME ...]

Each NAME is a design, as `threads`. With more at once than there are cores, the machine is loaded.
To do it again and again: `python tools/many_runs.py 10 -- python tests/check/every_design.py`.
Exits with status 1 if one failed.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.check.designs import DESIGNS, check

STAGES = range(1, 9)


def main() -> int:
    """Make all runs, count, and show the failures."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("--at-once", type=int, default=2, metavar="N")
    parser.add_argument("--stage", type=int, action="append", choices=STAGES)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    designs = [one for one in DESIGNS if not options.names or one.name in options.names]
    failed = runs = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.at_once) as pool:
        waiting = [
            (design.name, stage, pool.submit(check, design.start_with(Path(folder), stage), stage))
            for stage in options.stage or STAGES
            for design in designs
        ]
        for name, stage, run in waiting:
            runs += 1
            if printed := run.result():
                failed += 1
                print(f"== {name}, stage {stage}\n{printed}", flush=True)
    print(f"{runs} runs, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

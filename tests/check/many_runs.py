"""Run all checks against our own stage 8 again and again, and count: one failure is one too many.

    python tests/check/many_runs.py [--runs 100] [--at-once 2]

A hundred runs, two at a time, take about twenty minutes. Exits with status 1 if one failed, after
it has shown what failed.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

STAGE_8 = ("--", sys.executable, "-m", "stages.stage8")
COMMAND = ("stages.check", "8", *STAGE_8, "--port", "{port}", "--idle-timeout", "{idle}")


def run(number: int) -> str:
    """One run; returns what it printed if a check failed."""
    done = subprocess.run(
        [sys.executable, "-m", *COMMAND], capture_output=True, encoding="utf-8", check=False
    )
    return f"run {number}\n{done.stdout}{done.stderr}" if done.returncode else ""


def main() -> int:
    """Run, count, and show the failures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    failures = 0
    with ThreadPoolExecutor(options.at_once) as pool:
        for done, output in enumerate(pool.map(run, range(1, options.runs + 1)), 1):
            failures += bool(output)
            print(output, end="")
            print(f"\r{done} runs, {failures} failed", end="", flush=True)
    print()
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())

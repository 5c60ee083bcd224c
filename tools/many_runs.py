r"""Run a command again and again, and count how often it fails: once is too often.

    python tools/many_runs.py 100 --at-once 2 -- \
        python -m stages.check 8 -- python -m stages.stage8 --port {port} --idle-timeout {idle}
    python tools/many_runs.py 10 --seconds 60 -- \
        python -m pytest -q notebooks --ignore notebooks/solutions

The second has all lessons in it, which may take no longer than a minute together. Shows what a run
that failed has printed, and how long the longest took. Exits with status 1 if one failed.
"""

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor


def run(command: Sequence[str], limit: float) -> tuple[str, float]:
    """One run; returns what it printed if it failed or took too long, and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - began
    failed = done.returncode or seconds > limit
    return f"\n{done.stdout}\nstatus {done.returncode}\n" if failed else "", seconds


def main(argv: Sequence[str] | None = None) -> int:
    """Run, count, and show the failures."""
    words = list(sys.argv[1:] if argv is None else argv)
    at = words.index("--") if "--" in words else len(words)
    words, command = words[:at], words[at + 1 :]
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        usage="%(prog)s RUNS [options] -- COMMAND ...",
        allow_abbrev=False,
    )
    parser.add_argument("runs", type=int, metavar="RUNS")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="runs side by side")
    parser.add_argument("--seconds", type=float, default=math.inf, help="a longer run has failed")
    options = parser.parse_args(words)
    if not command:
        parser.error("say what to run: -- COMMAND ...")
    failed, longest = 0, 0.0
    with ThreadPoolExecutor(options.at_once) as pool:
        each = pool.map(run, [command] * options.runs, [options.seconds] * options.runs)
        for done, (output, seconds) in enumerate(each, 1):
            failed += bool(output)
            longest = max(longest, seconds)
            print(output, end="")
            count = f"{done} of {options.runs} runs, {failed} failed"
            print(f"{count}, the longest took {longest:.0f} s", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

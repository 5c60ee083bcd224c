r"""Run a command again and again, and count how often it fails: once is too often.

    python tools/many_runs.py 100 --at-once 2 -- \
        python -m stages.check 8 -- python -m stages.stage8 --port {port} --idle-timeout {idle}
    python tools/many_runs.py 10 -- python -m pytest -q notebooks

Shows what a run that failed has printed. Exits with status 1 if one did.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor


def run(command: Sequence[str]) -> str:
    """One run; returns what it printed if it failed."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return f"\n{done.stdout}\nstatus {done.returncode}\n" if done.returncode else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run, count, and show the failures."""
    words = list(sys.argv[1:] if argv is None else argv)
    at = words.index("--") if "--" in words else len(words)
    words, command = words[:at], words[at + 1 :]
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        usage="%(prog)s RUNS [options] -- COMMAND ...",
    )
    parser.add_argument("runs", type=int, metavar="RUNS")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="runs side by side")
    options = parser.parse_args(words)
    if not command:
        parser.error("say what to run: -- COMMAND ...")
    failed = 0
    with ThreadPoolExecutor(options.at_once) as pool:
        for done, output in enumerate(pool.map(run, [command] * options.runs), 1):
            failed += bool(output)
            print(output, end="")
            print(f"{done} of {options.runs} runs, {failed} failed", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

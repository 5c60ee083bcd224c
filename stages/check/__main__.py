"""The command line: python -m stages.check N (--connect HOST:PORT | -- COMMAND).

Exits with status 0 when all checks hold, 1 when one failed, 2 when they could not be made.
"""

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence

from stages import streams
from stages.check import catalogue, report
from stages.check.program import PATIENCE, START, CannotStart
from stages.check.suite import LAST_STAGE, Result, run, select
from stages.check.target import Address, Command, Target

LAST_PORT = 65535
DAY = 86_400.0  # Seconds: the longest time that can be given; sockets overflow at some.
EXAMPLES = """examples:
  python3 -m stages.check 5 --connect 127.0.0.1:9999
  python3 -m stages.check 5 -- python3 -m stages.stage5 --port {port}
  python3 -m stages.check 8 -- ./my-server --port {port} --idle-timeout {idle}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit status."""
    streams.prepare()
    try:
        status = check(argv)
        sys.stdout.flush()
    except BrokenPipeError:  # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def check(argv: Sequence[str] | None) -> int:
    """Do what is asked for, and print what came of it."""
    parser = make_parser()
    words = list(sys.argv[1:] if argv is None else argv)
    command: list[str] = []
    if "--" in words:
        at = words.index("--")
        words, command = words[:at], words[at + 1 :]
    options = parser.parse_args(words)
    try:
        checks = select(catalogue.CHECKS, options.stage, options.only)
    except ValueError as error:
        parser.error(f"{error}; --list shows all")
    if options.list:
        print(report.listing(checks))
        return 0
    target = make_target(parser, options, command)
    results: list[Result] = []
    try:
        for result in run(checks, target, options.stage, keep_going=options.keep_going):
            if not options.json:
                show(result, results)
            results.append(result)
    except CannotStart as error:
        print(f"python -m stages.check: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        target.close()
    form = report.as_json if options.json else report.summary
    print(form(results, len(checks), options.stage))
    return int(any(result.status == "failed" for result in results))


def make_parser() -> argparse.ArgumentParser:
    """All options but the command after `--`."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.check",
        description="Hold a chat server, in any language, to what a stage promises.",
        usage="%(prog)s STAGE [options] (--connect HOST:PORT | -- COMMAND ...)",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "stage",
        type=int,
        choices=range(1, LAST_STAGE + 1),
        metavar="STAGE",
        help="how far the server is, 1 to 8; the checks of the stages before are run too",
    )
    parser.add_argument(
        "--connect",
        type=host_and_port,
        metavar="HOST:PORT",
        help="a server that runs already, with nobody in it; or give a command that starts it, "
        "in which {port} and, from stage 7, {idle} (seconds) are filled in",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="this check only; can be given again",
    )
    parser.add_argument("--list", action="store_true", help="show the checks and run none")
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    parser.add_argument("--json", action="store_true", help="print JSON at the end, nothing else")
    parser.add_argument(
        "--idle",
        type=seconds,
        default=10.0,
        metavar="SECONDS",
        help="the idle limit of a server that is not started with {idle} (default: 10)",
    )
    parser.add_argument(
        "--patience",
        type=seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"how long the server may take for anything (default: {PATIENCE:g})",
    )
    parser.add_argument(
        "--start",
        type=seconds,
        default=START,
        metavar="SECONDS",
        help=f"how long the command may take until it listens (default: {START:g})",
    )
    return parser


def host_and_port(text: str) -> tuple[str, int]:
    """HOST:PORT taken apart. Raises ArgumentTypeError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, as in 127.0.0.1:9999")
    if len(port) > len(str(LAST_PORT)) or not 1 <= int(port) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"port {port} is out of range: use 1 to {LAST_PORT}")
    return host.strip("[]"), int(port)


def seconds(text: str) -> float:
    """A time of more than no seconds, and of no more than a day. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= DAY:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds: above 0, to {DAY:g}"
        )
    return number


def make_target(
    parser: argparse.ArgumentParser, options: argparse.Namespace, command: list[str]
) -> Target:
    """The server that the options name."""
    if bool(command) == bool(options.connect):
        parser.error("say where the server is: either --connect HOST:PORT or -- COMMAND")
    if not command:
        host, port = options.connect
        return Address(host, port, options.idle, options.patience)
    if not any("{port}" in word for word in command):
        parser.error("the command needs {port} in it: the checks choose a free one")
    return Command(command, options.idle, options.patience, options.start)


def show(result: Result, before: Sequence[Result]) -> None:
    """Print one result, under the heading of its stage."""
    if not before or before[-1].check.stage != result.check.stage:
        print(report.heading(result.check.stage))
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    print(report.line(result, colour=colour), flush=True)
    if result.failure:
        print(report.explanation(result), flush=True)


def interrupt(*_: object) -> None:
    """End as at Ctrl-C, so that the server that was started ends, too."""
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):  # The second one comes when a terminal is closed.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    sys.exit(main())

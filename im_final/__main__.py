"""`python -m im_final serve`: the command line."""

import argparse
import sys
from collections.abc import Sequence

from im_final import program, settings, streams


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked for; returns the exit status."""
    streams.fill()
    parser = argparse.ArgumentParser(
        prog="python -m im_final",
        description="A chat server to be put on the internet.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    serve = commands.add_parser(
        "serve",
        usage="%(prog)s [--OPTION VALUE ...]",
        help="run the server until it is told to stop",
        allow_abbrev=False,  # A limit that is misspelled must not be another.
    )
    settings.add_options(serve)
    given = parser.parse_args(argv)
    try:
        settled = settings.settle(vars(given))
    except ValueError as error:
        serve.error(str(error))
    except OSError as error:
        serve.error(f"cannot read {error.filename}: {error.strerror}")
    return program.serve(settled)


if __name__ == "__main__":
    sys.exit(main())

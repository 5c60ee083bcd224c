"""`python -m stages`: the stages, and what there is to do for learners and teachers."""

import argparse
import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from stages import streams
from stages.exercises import commands, marking, teaching
from stages.exercises.calling import this_python

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
AN_EXERCISE = "an exercise, by the number of its stage"


def overview() -> str:
    """The list, from the first line of each stage's docstring and the notebooks that are there."""
    run = f"{python()} -m stages"
    rows = ["A chat server in eight stages, each a program that runs.", ""]
    for number in range(1, 9):
        stage = importlib.import_module(f"stages.stage{number}")
        title = (stage.__doc__ or "").partition("\n")[0].partition(": ")[2].rstrip(".")
        command = f"  {run}.stage{number}   "
        rows.append(f"{command}{title}")
        lessons = sorted(NOTEBOOKS.glob(f"0{number}_*.ipynb"))
        rows += [f"{'':{len(command)}}notebooks/{path.name}" for path in lessons]
    rows += [
        "",
        "The finished server, beside stage 8 in the last lesson:",
        "",
        f"  {python()} -m im_final serve",
        *[f"{'':{len(command)}}notebooks/{path.name}" for path in NOTEBOOKS.glob("09_*.ipynb")],
        "",
        f"Talk to it in as many terminals as you like: {run}.client",
        f"Check your own server, in any language: {run}.check --help",
        f"See which exercises you have solved: {run} progress",
    ]
    return "\n".join(rows)


def python() -> str:
    """How to call this Python: by its name alone where that is enough."""
    path = this_python()
    name = Path(path).name
    return name if shutil.which(name) == path else path


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m stages",
        description="Without a command: the list of the stages.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=lambda _: overview())
    add = partial(parser.add_subparsers(metavar="COMMAND").add_parser, allow_abbrev=False)
    progress = add("progress", help="which exercises are solved, and what is next")
    progress.set_defaults(run=lambda _: commands.show_progress())
    reset = add("reset", help="a fresh exercise; yours is kept beside it")
    reset.add_argument("number", type=int, metavar="N", help=AN_EXERCISE)
    reset.set_defaults(run=lambda options: commands.reset(options.number))
    solution = add("solution", help="the solution of an exercise that you have solved")
    solution.add_argument("number", type=int, metavar="N", help=AN_EXERCISE)
    solution.add_argument("--anyway", action="store_true", help="even if it is not solved")
    solution.set_defaults(
        run=lambda options: commands.solution(options.number, anyway=options.anyway)
    )
    hand_out = add("hand-out", help="for teachers: copy the course without the answers")
    hand_out.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    hand_out.set_defaults(run=lambda options: teaching.hand_out(options.folder))
    grade = add("grade", help="for teachers: grade a folder of submissions into a table")
    grade.add_argument("folder", type=Path, metavar="FOLDER", help="where the submissions are")
    grade.add_argument("table", type=Path, metavar="TABLE.csv", help="the file to write")
    grade.add_argument("numbers", type=int, nargs="*", metavar="N", help="only these exercises")
    grade.set_defaults(
        run=lambda options: marking.grade(options.folder, options.table, options.numbers)
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked for; status 1 when it was refused."""
    streams.prepare()
    options = arguments().parse_args(argv)
    try:
        print(options.run(options), flush=True)
    except BrokenPipeError:  # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (commands.Refused, OSError) as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

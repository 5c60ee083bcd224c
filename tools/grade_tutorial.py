"""Grade the Go programs of the tutorial with our checks, and write the table of what they pass.

    python tools/grade_tutorial.py FOLDER > docs/tutorial-graded.md

FOLDER/stage1/server to FOLDER/stage8/server are the programs, which take their port and their idle
limit in seconds from the environment variables PORT and TIMEOUT_S. Takes about ten minutes, because
a check that waits for a line which never comes waits for two seconds.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from stages.check import catalogue, report
from stages.check.suite import Check, Result, run, select
from stages.check.target import Command

STAGES = range(1, 9)
MARKS = {"passed": "✓", "failed": "**✗**", "skipped": "–"}
INTRODUCTION = """\
# The tutorial's own programs, graded

What the Go programs of the tutorial pass (✓) and fail (✗) of the checks of this project, stage by
stage; an empty cell means that the check does not apply to that stage. Where the protocol of this
project repairs a defect of the tutorial, the tutorial's program fails by definition: it is not
wrong to fail here, it is what there was to repair. The letters are those of the checks:
`python3 -m stages.check 8 --list`.

The program of a stage that the tutorial does not show in full was put together from the newest
version of each function; the port and the idle limit come from the environment, nothing else was
changed. Some failures are races, and Go goes through a map in random order, so a few cells
differ from run to run.

To make this table: `python tools/grade_tutorial.py FOLDER > docs/tutorial-graded.md`, where
FOLDER/stageN/server are the programs.
"""


def main() -> None:
    """Run all checks against all programs."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("folder", type=Path, help="where stage1/server to stage8/server are")
    folder = parser.parse_args().folder.resolve()
    for stage in STAGES:
        if not (folder / f"stage{stage}" / "server").exists():
            sys.exit(f"there is no program {folder / f'stage{stage}' / 'server'}")
    sys.stdout.write(table({stage: grade(folder, stage) for stage in STAGES}))


def grade(folder: Path, stage: int) -> list[Result]:
    """All checks that a server of this stage has to hold, whatever fails."""
    program = folder / f"stage{stage}" / "server"
    target = Command(["env", "PORT={port}", "TIMEOUT_S={idle}", str(program)])
    checks = select(catalogue.CHECKS, stage)
    results = []
    try:
        for result in run(checks, target, stage, keep_going=True):
            results.append(result)
    finally:
        target.close()
    print(f"stage {stage}: {len(results)} checks made", file=sys.stderr)
    return results


def table(results: dict[int, Sequence[Result]]) -> str:
    """The page in Markdown: one row for each check, one column for each stage."""
    marks = {
        (stage, result.check.name): MARKS[result.status]
        for stage, graded in results.items()
        for result in graded
    }
    rows = [INTRODUCTION, "| check | " + " | ".join(map(str, STAGES)) + " |"]
    rows.append("|---|" + ":-:|" * len(STAGES))
    for number in STAGES:
        rows.append(f"| **{report.heading(number)}** |" + " |" * len(STAGES))
        rows += [row(check, marks) for check in catalogue.CHECKS if check.stage == number]
    passed = [sum(result.status == "passed" for result in results[stage]) for stage in STAGES]
    totals = [f"{count}/{len(results[stage])}" for stage, count in zip(STAGES, passed, strict=True)]
    rows.append("| **passed** | " + " | ".join(totals) + " |")
    return "\n".join(rows) + "\n"


def row(check: Check, marks: dict[tuple[int, str], str]) -> str:
    """One check over all stages."""
    title = check.title.replace("|", "\\|")
    hazards = f" ({', '.join(check.hazards)})" if check.hazards else ""
    return (
        f"| {title}{hazards} | "
        + " | ".join(marks.get((stage, check.name), "") for stage in STAGES)
        + " |"
    )


if __name__ == "__main__":
    main()

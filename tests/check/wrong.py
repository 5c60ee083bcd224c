"""The wrong servers of this project, and what the checks say of them.

Each file in `tests/wrong_servers` is a server with one mistake, and names the stage at which it
claims to be (STAGE) and the check that catches it (CAUGHT_BY).
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from stages.check import catalogue, report
from stages.check.suite import Result, run, select
from stages.check.target import Command

FOLDER = Path(__file__).parents[1] / "wrong_servers"
GOLDEN = FOLDER / "golden"
IDLE_STAGE = 7


@dataclass(frozen=True)
class Caught:
    """Which check a wrong server failed, and what a learner reads of it."""

    by: str
    text: str


@dataclass(frozen=True)
class WrongServer:
    """One of them."""

    path: Path
    stage: int
    caught_by: str
    doc: str

    @property
    def name(self) -> str:
        """What is wrong with it, as a file name: the hazard's id first."""
        return self.path.stem

    @property
    def golden(self) -> Path:
        """Where the text is kept that a learner reads."""
        return GOLDEN / f"{self.name}.txt"

    def caught(self) -> Caught | None:
        """The first failure in a run of the checks, from the stage on of which one is to catch it.

        What it has from the stages before is not changed, and the right servers are held to that.
        """
        words = [sys.executable, str(self.path), "--port", "{port}"]
        if self.stage >= IDLE_STAGE:
            words += ["--idle-timeout", "{idle}"]
        target = Command(words)
        try:
            checks = select(catalogue.CHECKS, self.stage)
            (meant,) = [check.stage for check in checks if check.name == self.caught_by]
            checks = [check for check in checks if check.stage >= meant]
            results = list(run(checks, target, self.stage))
        finally:
            target.close()
        return Caught(results[-1].check.name, text(results[-1])) if results[-1].failure else None


def text(result: Result) -> str:
    """What a learner reads of a failure."""
    rows = [report.heading(result.check.stage), report.line(result, colour=False)]
    return "\n".join([*rows, report.explanation(result), ""])


def wrong_servers() -> list[WrongServer]:
    """All of them, by name."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        said = {
            ast.unparse(node.targets[0]): ast.literal_eval(node.value)
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        doc = ast.get_docstring(module) or ""
        found.append(WrongServer(path, said["STAGE"], said["CAUGHT_BY"], doc))
    return found

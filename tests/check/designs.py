"""The right servers of `tests/right_servers`: other designs and languages than the stages have."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "right_servers"
ROOT = FOLDER.parents[1]


@dataclass(frozen=True)
class Design:
    """One of them: its file, the tool that it needs, and that tool's command.

    In the command `{file}` and `{built}` are filled in; without the latter, it runs the file.
    """

    name: str
    file: str
    tool: str
    command: tuple[str, ...]
    arguments: str = "{port} {idle} STAGE"

    def start_with(self, folder: Path, stage: int) -> list[str]:
        """How it is started as a server of this stage; it is built into `folder` if need be."""
        places = {"file": str(FOLDER / self.file), "built": str(folder / self.name)}
        words = [word.format(**places) for word in self.command]
        if "{built}" in self.command:
            if not Path(places["built"]).exists():
                subprocess.run(words, check=True, cwd=ROOT)
            words = [places["built"]]
        return [*words, *self.arguments.replace("STAGE", str(stage)).split()]


PYTHON = (sys.executable, "{file}")
OPTIONS = "--port {port} --idle {idle} --stage STAGE"
DESIGNS = (
    Design("selectors", "selectors_loop.py", sys.executable, PYTHON, OPTIONS),
    Design("threads", "threads.py", sys.executable, PYTHON, OPTIONS),
    Design("streams", "streams.py", sys.executable, PYTHON, OPTIONS),
    Design("poll", "poll.c", "gcc", ("gcc", "-O1", "-o", "{built}", "{file}")),
    Design("goroutines", "goroutines.go", "go", ("go", "build", "-o", "{built}", "{file}")),
    Design("callbacks", "events.js", "node", ("node", "{file}")),
)


def check(command: list[str], stage: int, *options: str) -> str:
    """Hold a server to all that its stage promises; returns what was printed if it does not."""
    done = subprocess.run(
        [sys.executable, "-m", "stages.check", str(stage), *options, "--", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )
    return done.stdout if done.returncode or "skipped" in done.stdout else ""

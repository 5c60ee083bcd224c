"""What learners are told to type in a terminal: this Python, and files, from where they are."""

import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OF_THE_COURSE = ("bin/python", "Scripts/python.exe")  # In its `.venv`, by system.


def this_python() -> str:
    """How to call this Python from the folder one is in."""
    return named(Path(sys.executable))


def grading_python(course: Path) -> str:
    """As `this_python`, but the course's own, if it is there and this one cannot grade."""
    if find_spec("nbval") is None:
        for place in OF_THE_COURSE:
            if (course / ".venv" / place).exists():
                return named(course / ".venv" / place)
    return this_python()


def named(path: Path) -> str:
    """A file as a word of a command: from the folder one is in, if it is below that."""
    name = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    return subprocess.list2cmdline([name]) if os.name == "nt" else shlex.quote(name)


def reset(name: str) -> str:
    """The command that gives back a fresh exercise; `name` begins with its number, as `05_who`."""
    return f"{this_python()} -m stages reset {name[:2].lstrip('0')}"

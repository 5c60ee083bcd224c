"""How this Python is called in a terminal, for the commands that learners are told to type."""

import os
import sys
from pathlib import Path


def this_python() -> str:
    """How to call this Python from the folder one is in."""
    path = Path(sys.executable)
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def reset(name: str) -> str:
    """The command that gives back a fresh exercise; `name` begins with its number, as `05_who`."""
    return f"{this_python()} -m stages reset {name[:2].lstrip('0')}"

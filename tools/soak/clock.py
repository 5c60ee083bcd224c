"""A wall clock that can be set while a program runs: a shim in C under the program's libc.

`clock.c` is compiled when it is needed. That takes a C compiler, and a system with LD_PRELOAD:
Linux.
"""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


def why_not() -> str:
    """The reason that no clock can be set on this machine; empty if one can."""
    if sys.platform != "linux":
        return "only Linux has LD_PRELOAD"
    return "" if shutil.which("cc") else "there is no C compiler (Debian: gcc)"


class Clock:
    """A wall clock that is right at first. Its files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.step_file = folder / "clock.step"
        self.library = folder / "clock.so"
        self.wrong_by = 0.0  # Seconds.
        self.step(0)
        compile_it = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self.library), str(SOURCE)]
        subprocess.run(compile_it, check=True, capture_output=True)

    def environment(self) -> dict[str, str]:
        """The environment of a program that has this clock."""
        return {**os.environ, "LD_PRELOAD": str(self.library), "CLOCK_STEP": str(self.step_file)}

    def step(self, seconds: float) -> None:
        """Set the clock forward, or back if `seconds` is negative."""
        self.wrong_by += seconds
        with self.step_file.open("r+b" if self.step_file.exists() else "wb") as file:
            file.write(struct.pack("q", round(1000 * self.wrong_by)))

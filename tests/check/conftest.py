"""What starts the programs of the tests here, and ends them."""

import contextlib
import sys
from collections.abc import Iterator, Sequence

import pytest

from stages.check.program import Program
from tests.check.programs import Start


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a few lines of Python; ends all that were started."""
    with contextlib.ExitStack() as stack:

        def begin(*lines: str, arguments: Sequence[str] = ("{port}",)) -> Program:
            command = [sys.executable, "-c", "\n".join(lines), *arguments]
            program = Program(command, idle=1)
            stack.callback(program.stop)
            return program

        yield begin

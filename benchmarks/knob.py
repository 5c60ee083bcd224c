r"""The finished server with other numbers in it, as a contender of its own.

    python -m benchmarks run --only flood --peers im_final --peer "reads of 16 KiB=python \
        -m benchmarks.knob hearing.RECEIVE=16384 -- serve --port {port} --loop asyncio"

So a constant that no user should have to set can be tried without touching the code.
"""

import importlib
import sys
from collections.abc import Sequence

from im_final import __main__ as im_final


def turn(setting: str) -> None:
    """Set `MODULE.NAME=INTEGER` in `im_final`; a buffer gets that many bytes. Raises ValueError."""
    place, equals, number = setting.partition("=")
    module_name, dot, name = place.rpartition(".")
    if not (equals and dot):
        raise ValueError(f"{setting!r} is not MODULE.NAME=INTEGER")
    module = importlib.import_module(f"im_final.{module_name}")
    value: object = int(number)
    if isinstance(getattr(module, name), memoryview):
        value = memoryview(bytearray(int(number)))
    setattr(module, name, value)


def main(argv: Sequence[str]) -> int:
    """Turn what is before `--`, then be `python -m im_final` with what is after it."""
    at = argv.index("--")
    for setting in argv[:at]:
        turn(setting)
    return im_final.main(argv[at + 1 :])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

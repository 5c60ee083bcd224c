"""The standard streams: there, whatever a program was started with (`>&-`, `<&-`), and in UTF-8."""

import io
import os
import sys

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def prepare() -> None:
    """Print in UTF-8; open the null device in place of each standard stream that is closed.

    Without that, the first socket would get its number, and what is printed would go to a user.
    """
    while (null := os.open(os.devnull, os.O_RDWR)) < len(STREAMS):
        os.set_inheritable(null, True)  # As standard streams are.
    os.close(null)
    for number, (name, mode) in enumerate(STREAMS):
        stream = getattr(sys, name)
        if stream is None:
            file = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, file)
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):  # A path may be no UTF-8.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")

"""The standard streams, whatever the process was started with (`>&-`, `<&-`, a careless parent)."""

import os
import sys

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def fill() -> None:
    """Open the null device in place of each standard stream that is closed.

    Without that, the first socket would get its number: what is printed would go to a user, and
    libuv ends a process that closes one of these three.
    """
    while (null := os.open(os.devnull, os.O_RDWR)) < len(STREAMS):
        os.set_inheritable(null, True)  # As standard streams are.
    os.close(null)
    for number, (name, mode) in enumerate(STREAMS):
        if getattr(sys, name) is None:
            file = open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
            setattr(sys, name, file)

"""Where the kernels of exercises, lessons and tests listen: not where the servers in them do."""

import os
import sys

from jupyter_client import localinterfaces


def kernels_apart() -> None:
    """Give the kernels of this process an address of their own, where the system has enough.

    A kernel is told its ports before it listens on them: meanwhile a server that asks for any free
    port could be given one of these, in another cell or test, and the kernel could not start.
    """
    if sys.platform == "linux" and localinterfaces.localhost() == "127.0.0.1":
        number = os.getpid()
        address = f"127.{number >> 16 | 128}.{number >> 8 & 255}.{number & 255}"
        localinterfaces.LOCALHOST = address
        localinterfaces.LOCAL_IPS.append(address)

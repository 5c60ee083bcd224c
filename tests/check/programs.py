"""Servers of a few lines of Python each, given on the command line."""

import sys
from collections.abc import Callable

import pytest

from stages.check.program import Program

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
LISTEN = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))"
FOREVER = "[s.accept()[0].close() for _ in iter(int, 1)]"

Start = Callable[..., Program]

"""A thousand people connect at the same moment, and all of them get in.

Where the queue of connections that wait to be accepted overflows, the system may forget one whose
other end believes that it is connected (with SYN cookies), and who then waits for ever.
"""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from stages import phrases
from stages.check.program import Program

resource = pytest.importorskip("resource", reason="needs POSIX limits")

RUSH = 1000
PATIENCE = 30.0


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for a descriptor for each person, here and in the server."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4 * RUSH, hard)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_a_thousand_who_connect_at_once_all_read_their_join_line() -> None:
    program = Program([sys.executable, "-m", "stages.stage8", "--port", "{port}"], idle=60)
    with contextlib.ExitStack() as stack:
        stack.callback(program.stop)
        program.wait_until_listening(PATIENCE)
        crowd = [stack.enter_context(socket.socket()) for _ in range(RUSH)]
        for sock in crowd:
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                sock.connect(("127.0.0.1", program.port))
        deadline = time.monotonic() + PATIENCE
        for number, sock in enumerate(crowd):
            sock.settimeout(max(deadline - time.monotonic(), 0.01))
            line = sock.makefile("rb").readline().decode().rstrip("\n")
            addr = "{}:{}".format(*sock.getsockname())
            own = phrases.SAID.format(addr=addr, name=addr, text=phrases.ONLINE)
            assert line == own, f"person {number} of {RUSH}"

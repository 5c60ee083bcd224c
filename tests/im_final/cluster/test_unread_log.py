"""A log of workers that nobody reads."""

import contextlib
import signal

from tests.full_pipe import PATIENCE, Unread, full_pipe
from tests.im_final.children import POSIX
from tools.soak.house import Store

pytestmark = POSIX


def test_workers_go_on_and_end_when_told_and_so_does_their_supervisor(store: Store) -> None:
    link = f"redis://127.0.0.1:{store.port}/0"
    words = ["im_final", "serve", "--workers", "2", "--backplane", link]
    with full_pipe() as pipe:
        streams = {"stdout": pipe.write_end, "stderr": pipe.write_end}
        with contextlib.closing(Unread(words, streams)) as server:
            assert server.echoes("hello")
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE) == 0

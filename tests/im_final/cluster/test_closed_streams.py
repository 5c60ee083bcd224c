"""Workers without standard streams."""

import signal

from im_final import phrases
from stages.check.program import free_port
from tests.closed_streams import CLOSED, PATIENCE, running
from tests.full_pipe import connect
from tests.im_final.children import POSIX
from tools.soak.house import Store

pytestmark = POSIX


@CLOSED
def test_they_serve_and_end_with_status_0(store: Store, closed: str) -> None:
    port = free_port()
    link = f"redis://127.0.0.1:{store.port}/0"
    words = ["im_final", "serve", "--workers", "2", "--backplane", link, "--port", str(port)]
    with running(closed, *words) as process:
        with connect(port) as user, user.makefile("r", encoding="utf-8") as lines:
            assert lines.readline().endswith(f":{phrases.ONLINE}\n")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE)[1] == b""
    assert process.returncode == 0

"""Where it may open too few files to begin with, the server says so and does not begin."""

import pytest

from im_final.program import SPARE_FILES
from stages.check.program import free_port
from tests.few_files import FEW, run
from tests.im_final.children import POSIX
from tests.im_final.conftest import need_loop, need_module

pytestmark = POSIX
REFUSAL = (
    f"im_final: fewer than {SPARE_FILES} files can be opened, and so many are needed beside the "
    "connections; raise ulimit -n\n"
)


@FEW
@pytest.mark.parametrize(
    "words",
    [
        "--loop asyncio",
        "--loop uvloop",
        "--metrics PORT",
        "--workers 2 --backplane redis://127.0.0.1:1",
    ],
)
def test_it_is_one_line_and_status_1(words: str, files: int) -> None:
    need_loop("uvloop" if "uvloop" in words else "asyncio")
    if "--metrics" in words:
        need_module("prometheus_client")
    words = words.replace("PORT", str(free_port()))
    done = run(files, "im_final", "serve", "--port", "0", *words.split())
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSAL)


def test_files_that_were_open_before_count() -> None:
    done = run(100, "im_final", "serve", "--port", "0", inherited=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", REFUSAL)

"""A log is read as bytes: in UTF-8 or GBK, or in an encoding that has not all of its characters."""

import io

import pytest

from stages import phrases
from stages.check.failure import Failure
from stages.check.log import Log
from tests.check.programs import Start
from tests.check.wire import LONG, SHORT


def log_of(data: bytes) -> Log:
    log = Log(io.BytesIO(data))
    log.thread.join(LONG)
    return log


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("text", [phrases.READY, phrases.CONNECTED])
def test_a_text_is_found_in_the_encoding_of_the_console(text: str, encoding: str) -> None:
    log = log_of(f"first\r\n12:00 {text} more\r\n{text}\n".encode(encoding))
    assert log.with_text(text) == 2
    assert log.lines == ["first", f"12:00 {text} more", text]
    assert log.with_text("something else") == 0


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (phrases.READY, b"INFO Server ????~~~ 127.0.0.1:9999"),
        (phrases.READY, phrases.READY.encode("ascii", "backslashreplace")),
        (phrases.CONNECTED, b"?????????"),
    ],
)
def test_a_text_that_an_encoding_does_not_have_is_not_told_as_missing(
    text: str, printed: bytes, start: Start
) -> None:
    assert log_of(printed).garbled(text) == printed.decode()
    program = start(f"import sys; sys.stdout.buffer.write({printed!r})")
    program.wait_end(LONG)
    with pytest.raises(Failure, match="in an encoding that does not have these char") as caught:
        program.prints(text, 1, SHORT)
    assert (caught.value.expected, caught.value.got) == (text, printed.decode())


@pytest.mark.parametrize("printed", [b"Server is up", b"what?", b"", b"\xff\xfe\x00"])
def test_another_line_is_not_taken_for_it(printed: bytes) -> None:
    for text in (phrases.READY, phrases.CONNECTED):
        assert log_of(printed).garbled(text) is None


def test_a_log_that_is_no_text_is_read_all_the_same() -> None:
    assert log_of(b"caf\xe9\r\n").last() == "caf\ufffd"


def test_a_log_of_nothing_is_empty() -> None:
    log = Log(None)
    log.thread.join(LONG)
    assert (log.last(), log.count, log.lines) == ("", 0, [])

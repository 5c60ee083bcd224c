"""The log: a line for each event, whatever a stranger put into it, and nobody's chat."""

import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from types import TracebackType

import pytest

from im_final import logs, phrases
from im_final.logs import Json, Text

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
HOSTILE = "a\nb\rc\x1b[2Jd\x00e\x7ff\u2028g\u202eh\x85i"
SAFE = "abc[2Jdefghi"


def event(
    message: str, *args: object, level: int = logging.INFO, **extra: str
) -> logging.LogRecord:
    """Something that happened a moment before New Year."""
    record = logging.LogRecord("im_final", level, "", 0, message, args, None)
    record.created, record.msecs = 1767225599.042, 42.7
    vars(record).update(extra)
    return record


def mishap() -> ExcInfo:
    """What is known of a bug."""
    try:
        raise RuntimeError(HOSTILE)
    except RuntimeError as error:
        return RuntimeError, error, error.__traceback__


# As text.


def test_an_event_is_a_line_with_its_time_and_its_fields() -> None:
    record = event("left", addr="192.0.2.1:5", user="张三", reason="idle")
    assert Text().format(record) == (
        "2025-12-31T23:59:59.042Z info left addr=192.0.2.1:5 user=张三 reason=idle"
    )


def test_fields_that_an_event_has_not_are_not_shown() -> None:
    record = event("left", addr="192.0.2.1:5", user=None, colour="red")
    assert Text().format(record).endswith(" info left addr=192.0.2.1:5")


def test_the_values_are_filled_in() -> None:
    record = event("%s %s:%s", phrases.READY, "::1", 9999, level=logging.WARNING)
    assert Text().format(record).endswith(f"Z warning {phrases.READY} ::1:9999")


def test_what_a_stranger_put_into_an_event_is_cleaned_and_forges_no_line() -> None:
    record = event("from %s", HOSTILE, user=HOSTILE)
    told = Text().format(record)
    assert told.splitlines() == [told]
    assert told.isprintable()
    assert told.endswith(f" info from {SAFE.replace('b', ' b', 1)} user={SAFE}")


def test_only_a_traceback_takes_more_lines_each_of_them_clean() -> None:
    record = event("a bug kept somebody out", level=logging.ERROR)
    record.exc_info = mishap()
    first, *rows = Text().format(record).split("\n")
    assert first.endswith("Z error a bug kept somebody out")
    assert rows[0] == "Traceback (most recent call last):"
    assert rows[-1].endswith("i")
    assert any("RuntimeError" in row for row in rows)
    assert all(row.isprintable() for row in rows)


# As JSON.


def test_an_event_is_an_object_with_its_time_and_its_fields() -> None:
    record = event("left", addr="192.0.2.1:5", user="张三", reason="idle", colour="red")
    assert json.loads(Json().format(record)) == {
        "time": "2025-12-31T23:59:59.042Z",
        "level": "info",
        "event": "left",
        "addr": "192.0.2.1:5",
        "user": "张三",
        "reason": "idle",
    }


def test_fields_that_an_event_has_not_are_not_in_the_object() -> None:
    assert list(json.loads(Json().format(event("hi")))) == ["time", "level", "event"]


def test_chinese_stays_chinese() -> None:
    assert phrases.CONNECTED in Json().format(event(phrases.CONNECTED))


def test_an_object_is_one_clean_line_with_a_traceback_too() -> None:
    record = event(f"from {HOSTILE}", user=HOSTILE)
    record.exc_info = mishap()
    told = Json().format(record)
    assert told.isprintable()
    found = json.loads(told)
    assert found["event"].startswith("from a\nb")
    assert found["traceback"].startswith("Traceback (most recent call last):\n")
    assert "RuntimeError: a" in found["traceback"]


@pytest.mark.parametrize("formatter", [Text(), Json()], ids=["text", "json"])
def test_the_time_is_utc_wherever_the_server_is(
    formatter: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert "2025-12-31T23:59:59.042Z" in formatter.format(event("hi"))


# Where it goes.


class Streams:
    """Stdout and stderr, as bytes."""

    def __init__(self) -> None:
        self.out, self.err = io.BytesIO(), io.BytesIO()
        self.stdout = io.TextIOWrapper(self.out, encoding="ascii")
        self.stderr = io.TextIOWrapper(self.err, encoding="ascii")

    def set_up(self, form: str, worker: int | None = None) -> None:
        """Log to these two from here on."""
        with redirect_stdout(self.stdout), redirect_stderr(self.stderr):
            logs.set_up(form, worker)

    def told(self) -> tuple[list[str], list[str]]:
        """The lines on both."""
        self.stdout.flush()
        self.stderr.flush()
        return self.out.getvalue().decode().splitlines(), self.err.getvalue().decode().splitlines()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[Streams]:
    """Where the log goes for a while; all that it changes is put back."""
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    for logger in map(logging.getLogger, logs.LOGGERS):
        monkeypatch.setattr(logger, "handlers", logger.handlers)
        monkeypatch.setattr(logger, "propagate", logger.propagate)
    ours = logging.getLogger("im_final")
    level = ours.level
    yield Streams()
    ours.setLevel(level)
    logging.captureWarnings(False)


@pytest.mark.parametrize("name", ["im_final", "asyncio", "concurrent.futures"])
def test_trouble_goes_to_stderr_once_and_nowhere_else(
    streams: Streams, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    streams.set_up("text")
    streams.set_up("text")
    logger = logging.getLogger(name)
    logger.warning("trouble")
    logger.error("more of it")
    out, err = streams.told()
    assert out == []
    assert [line.partition("Z ")[2] for line in err] == ["warning trouble", "error more of it"]
    assert not caplog.records


def test_news_is_told_and_details_are_not(streams: Streams) -> None:
    streams.set_up("text")
    logging.getLogger("im_final").info(phrases.READY)
    logging.getLogger("im_final").debug("details")
    out, err = streams.told()
    assert [line.partition("Z ")[2] for line in out] == [f"info {phrases.READY}"]
    assert err == []


def test_it_is_utf8_wherever_it_goes(streams: Streams) -> None:
    streams.set_up("text")
    logging.getLogger("im_final").info("已上线 %s", "\udcff")
    logging.getLogger("im_final").warning("下线")
    out, err = streams.told()
    assert out[0].endswith("info 已上线 \\udcff")
    assert err[0].endswith("warning 下线")


def test_a_stream_that_is_no_file_will_do(streams: Streams) -> None:
    page = io.StringIO()
    with redirect_stdout(page):
        logs.set_up("text")
    logging.getLogger("im_final").info("hi")
    assert page.getvalue().endswith(" info hi\n")
    assert streams.told() == ([], [])


def test_what_python_would_print_by_itself_is_an_event_too(streams: Streams) -> None:
    class Careless:
        def __del__(self) -> None:
            raise RuntimeError("of a destructor")

    streams.set_up("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    Careless()
    out, err = streams.told()
    warning, bug = map(json.loads, err)
    assert out == []
    assert "DeprecationWarning: old" in warning["event"]
    assert bug["event"] == "a bug was ignored"
    assert "RuntimeError: of a destructor" in bug["traceback"]


def test_on_request_all_of_it_is_json(streams: Streams) -> None:
    streams.set_up("json")
    logging.getLogger("im_final").info("news")
    logging.getLogger("im_final").warning("trouble")
    (news,), (trouble,) = streams.told()
    assert (json.loads(news)["event"], json.loads(trouble)["event"]) == ("news", "trouble")


def test_what_one_of_many_workers_says_has_its_number(streams: Streams) -> None:
    streams.set_up("text", 0)
    logging.getLogger("im_final").info("news")
    streams.set_up("json", 1)
    logging.getLogger("im_final").warning("trouble")
    (news,), (trouble,) = streams.told()
    assert news.endswith("info news worker=0")
    assert json.loads(trouble)["worker"] == "1"


def test_a_reader_of_the_log_who_has_gone_disturbs_nobody(
    streams: Streams, capsys: pytest.CaptureFixture[str]
) -> None:
    streams.set_up("text")
    streams.stdout.close()
    logging.getLogger("im_final").info("to nobody")
    assert streams.err.getvalue() == b""
    assert capsys.readouterr() == ("", "")


def test_there_is_no_field_for_what_somebody_said() -> None:
    assert logs.FIELDS == ("worker", "addr", "user", "reason")

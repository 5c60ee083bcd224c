"""The log as text or as JSON: a line for each event, news on stdout, trouble on stderr.

Nobody's chat is in it. What is in it can have been chosen by a stranger all the same, so it is
cleaned like everything that a terminal is going to show.
"""

import io
import json
import logging
import sys
import time
from typing import TextIO

from im_final import wire
from im_final.log_writer import LogWriter

LOGGERS = ("", "im_final", "asyncio")  # Ours, the event loop's, and all others (the root).
FIELDS = ("worker", "addr", "user", "reason")  # What an event may have, beside its message.


class Form(logging.Formatter):
    """What both forms have: the number of the worker, if this is one."""

    def __init__(self, worker: int | None = None) -> None:
        super().__init__()
        self.worker = worker

    def found(self, record: logging.LogRecord) -> dict[str, str]:
        """The fields that this event has."""
        values = {name: getattr(record, name, None) for name in FIELDS} | {"worker": self.worker}
        return {name: str(value) for name, value in values.items() if value is not None}

    def trace(self, record: logging.LogRecord) -> str:
        """The traceback of an event that has one."""
        return self.formatException(record.exc_info) if record.exc_info else ""


class Text(Form):
    """`2026-01-31T23:59:59.123Z info left addr=192.0.2.1:50000 reason=idle`."""

    def format(self, record: logging.LogRecord) -> str:
        """A line, and more only with a traceback."""
        message = record.getMessage().replace("\n", " ")
        parts = [moment(record), record.levelname.lower(), message]
        parts += [f"{name}={value}" for name, value in self.found(record).items()]
        rows = [" ".join(parts), *self.trace(record).splitlines()]
        return "\n".join(wire.clean(row) for row in rows)


class Json(Form):
    """The same as an object in a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, always."""
        event = {
            "time": moment(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **self.found(record),
        }
        if told := self.trace(record):
            event["traceback"] = told
        return wire.clean(json.dumps(event, ensure_ascii=False))


def moment(record: logging.LogRecord) -> str:
    """When it was, in UTC (RFC 3339)."""
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03}Z"


def set_up(form: str, worker: int | None = None) -> None:
    """Log to stdout and stderr from here on, in UTF-8, as `worker` of that number, if as one.

    A process that was forked has none of the threads that write: it must do this anew.
    """
    formatter = Json(worker) if form == "json" else Text(worker)
    news, trouble = handler(sys.stdout, formatter), handler(sys.stderr, formatter)
    news.addFilter(lambda record: record.levelno < logging.WARNING)
    trouble.setLevel(logging.WARNING)
    logging.raiseExceptions = False  # Whoever reads our output may go away.
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [news, trouble]
        logger.propagate = False
    logging.getLogger("im_final").setLevel(logging.INFO)
    logging.captureWarnings(True)  # Python would print these two, and wait for the reader.
    sys.unraisablehook = tell_of_a_bug


def tell_of_a_bug(bug: "sys.UnraisableHookArgs") -> None:
    """Log an exception that has nowhere to go, as of a callback in C or of a destructor."""
    what = None if bug.exc_value is None else (bug.exc_type, bug.exc_value, bug.exc_traceback)
    logging.getLogger("im_final").error("a bug was ignored", exc_info=what)


def handler(stream: TextIO, formatter: logging.Formatter) -> logging.Handler:
    """A handler for one stream, which keeps nobody waiting."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    made: logging.Handler
    try:
        file = open(stream.fileno(), "wb", buffering=0, closefd=False)  # noqa: SIM115
    except (OSError, ValueError):  # It is in memory, and never blocks.
        made = logging.StreamHandler(stream)
    else:
        made = LogWriter(file)
    made.setFormatter(formatter)
    return made

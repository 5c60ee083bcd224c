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

FIELDS = ("worker", "addr", "user", "reason")  # What an event may have, beside its message.


class Text(logging.Formatter):
    """`2026-01-31T23:59:59.123Z info left addr=192.0.2.1:50000 reason=idle`."""

    def format(self, record: logging.LogRecord) -> str:
        """A line, and more only with a traceback."""
        message = record.getMessage().replace("\n", " ")
        parts = [moment(record), record.levelname.lower(), message]
        parts += [f"{name}={value}" for name, value in found(record).items()]
        rows = [" ".join(parts), *trace(self, record).splitlines()]
        return "\n".join(wire.clean(row) for row in rows)


class Json(logging.Formatter):
    """The same as an object in a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, always."""
        event = {
            "time": moment(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **found(record),
        }
        if told := trace(self, record):
            event["traceback"] = told
        return wire.clean(json.dumps(event, ensure_ascii=False))


def moment(record: logging.LogRecord) -> str:
    """When it was, in UTC (RFC 3339)."""
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03}Z"


def found(record: logging.LogRecord) -> dict[str, str]:
    """The fields that this event has."""
    values = {name: getattr(record, name, None) for name in FIELDS}
    return {name: str(value) for name, value in values.items() if value is not None}


def trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The traceback of an event that has one."""
    return formatter.formatException(record.exc_info) if record.exc_info else ""


def set_up(form: str, worker: int | None = None) -> None:
    """Log to stdout and stderr from here on, in UTF-8, as `worker` of that number, if as one."""

    def sign(record: logging.LogRecord) -> bool:
        record.worker = worker
        return True

    formatter = Json() if form == "json" else Text()
    news, trouble = handler(sys.stdout, formatter), handler(sys.stderr, formatter)
    news.addFilter(lambda record: record.levelno < logging.WARNING)
    trouble.setLevel(logging.WARNING)
    news.addFilter(sign)
    trouble.addFilter(sign)
    logging.raiseExceptions = False  # Whoever reads our output may go away.
    for name in ("im_final", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [news, trouble]
        logger.propagate = False
    logging.getLogger("im_final").setLevel(logging.INFO)


def handler(stream: TextIO, formatter: logging.Formatter) -> logging.Handler:
    """A handler for one stream."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    made = logging.StreamHandler(stream)
    made.setFormatter(formatter)
    return made

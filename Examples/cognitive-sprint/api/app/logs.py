"""Logs as JSON on standard output, one object a line, for our own lines and everybody else's.

Only the standard library is imported here, so that logging stands before anything can fail.
"""

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from app import correlation
from app.version import VERSION

_STANDARD_ATTRIBUTES = frozenset(vars(logging.LogRecord("", logging.INFO, "", 0, "", (), None))) | {
    "message",
    "asctime",
    "color_message",
    "taskName",
}

# A line is written by one write(2) as long as it is shorter than the stream's buffer (8 KiB);
# several processes may append to one file.
_MAX_TEXT = 4000

_log = logging.getLogger("app")


def _severity(level: int) -> str:
    for bound, name in (
        (logging.CRITICAL, "CRITICAL"),
        (logging.ERROR, "ERROR"),
        (logging.WARNING, "WARNING"),
        (logging.INFO, "INFO"),
    ):
        if level >= bound:
            return name
    return "DEBUG"


def _clip(text: str) -> str:
    """The end of a long text: a traceback's last lines name the error."""
    return text if len(text) <= _MAX_TEXT else "... " + text[-_MAX_TEXT:]


class JSONFormatter(logging.Formatter):
    """A record as one JSON object; what the caller gave as `extra` becomes fields of it."""

    def __init__(self, service_name: str) -> None:
        super().__init__()
        self._service_name = service_name

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "severity": _severity(record.levelno),
            "message": _clip(record.getMessage()),
            "service_name": self._service_name,
            "correlation_id": correlation.current(),
            "version": VERSION,
            "logger": record.name,
        }
        for key, value in vars(record).items():
            if key not in _STANDARD_ATTRIBUTES and key not in line:
                line[key] = value
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = _clip("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(service_name: str, level: str = "INFO") -> None:
    """Sends every logger, warning and uncaught exception of this process to standard output.

    Safe to call again: a server that brings its own handlers is overruled by the last call.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JSONFormatter(service_name))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        logger.disabled = False
        logger.setLevel(logging.NOTSET)
    # Requests are counted by /metrics and logged by our middleware where they matter.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # A log line that cannot be written must not become plain text on standard error.
    logging.raiseExceptions = False
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        _log.info("interrupted", extra={"event": "interrupted"})
        return
    _log.critical("uncaught %s: %s", kind.__name__, error, exc_info=(kind, error, trace))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _log_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

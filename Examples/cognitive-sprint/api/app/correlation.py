"""The correlation id of a request: read from its headers, kept for its duration, passed on."""

import re
import secrets
import uuid
from collections.abc import Iterable
from contextvars import ContextVar

# Lines that belong to no request (start-up, shutdown) share an id of their process, so that
# they can be found together and no line is without one.
PROCESS_CORRELATION_ID = uuid.uuid4().hex

_current: ContextVar[str | None] = ContextVar("correlation_id", default=None)

_CLOUD_TRACE = re.compile(r"([0-9a-fA-F]{32})(?:/[0-9]+)?(?:;o=[0-9]+)?\Z")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_TRACE_ID = re.compile(r"[0-9a-f]{32}\Z")


def current() -> str:
    return _current.get() or PROCESS_CORRELATION_ID


def bind(correlation_id: str) -> None:
    """Makes the id the current one in this context (a request's task, a worker's turn)."""
    _current.set(correlation_id)


def from_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """X-Cloud-Trace-Context wins over traceparent, that over X-Request-Id; else a new id.

    Values that do not have their header's form are passed over: they come from outside and end
    up in log lines and in outgoing headers.
    """
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in (b"x-cloud-trace-context", b"traceparent", b"x-request-id"):
            found.setdefault(name, value.decode("latin-1").strip())
    if match := _CLOUD_TRACE.match(found.get(b"x-cloud-trace-context", "")):
        return match.group(1).lower()
    match = _TRACEPARENT.match(found.get(b"traceparent", ""))
    if match and match.group(1) != "0" * 32:
        return match.group(1)
    if match := _REQUEST_ID.match(found.get(b"x-request-id", "")):
        return match.group(0)
    return uuid.uuid4().hex


def outgoing_headers() -> dict[str, str]:
    """The headers that carry the current id to the next service."""
    correlation_id = current()
    headers = {"X-Request-Id": correlation_id}
    if _TRACE_ID.match(correlation_id):
        span = secrets.randbits(63) | 1
        headers["X-Cloud-Trace-Context"] = f"{correlation_id}/{span};o=1"
        headers["traceparent"] = f"00-{correlation_id}-{span:016x}-01"
    return headers

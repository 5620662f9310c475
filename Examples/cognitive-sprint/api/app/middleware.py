"""What happens around each request: correlation, measuring, logging of failures, limits."""

import json
import logging
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import correlation
from app.metrics import Metrics
from app.version import VERSION

_log = logging.getLogger("app.http")

_MAX_BODY_BYTES = 64 * 1024
# Asked every few seconds by machines; their own failures are logged where they happen.
_QUIET = frozenset({"/health", "/live", "/metrics"})


class RequestMiddleware:
    """A plain ASGI layer: no task or queue of its own between the server and the routes."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = correlation.from_headers(scope["headers"])
        correlation.bind(correlation_id)
        started = time.perf_counter()
        status = 500
        begun = False
        received = 0

        async def counting_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > _MAX_BODY_BYTES:
                raise HTTPException(413, "The request is too large.")
            return message

        async def marking_send(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status = message["status"]
                begun = True
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", correlation_id.encode()),
                    (b"x-app-version", VERSION.encode()),
                ]
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, counting_receive, marking_send)
        except Exception as error:
            if begun:
                _log.exception("the answer broke off", extra={"event": "answer_broken"})
                raise
            _log.exception(
                "unexpected %s",
                type(error).__name__,
                extra={"event": "unexpected_error", "path": scope["path"]},
            )
            await _answer(marking_send, 500, "internal", "Something went wrong on our side.")
        finally:
            self._metrics.in_flight.dec()
            self._observe(scope, status, time.perf_counter() - started)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's pattern, not the path: a label for each session would never end.
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if route != "unmatched" else "any"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.latency.labels(method, route).observe(seconds)
        if scope["path"] not in _QUIET:
            _log.log(
                logging.ERROR if status >= 500 else logging.DEBUG,
                "%s %s answered %d",
                scope["method"],
                scope["path"],
                status,
                extra={
                    "event": "request",
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "duration_ms": round(seconds * 1000, 1),
                },
            )


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps(
        {"error": {"code": code, "message": message, "correlation_id": correlation.current()}}
    ).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})

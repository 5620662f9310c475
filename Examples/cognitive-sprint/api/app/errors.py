"""Failures that have an HTTP answer of their own, and their one shape on the wire."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app import correlation

_log = logging.getLogger("app.http")


_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


class APIError(Exception):
    def __init__(
        self, status: int, code: str, message: str, retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds


def error_response(
    status: int, code: str, message: str, retry_after_seconds: int | None = None
) -> JSONResponse:
    headers = {"Retry-After": str(retry_after_seconds)} if retry_after_seconds else None
    error = {"code": code, "message": message, "correlation_id": correlation.current()}
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def install(app: FastAPI) -> None:
    @app.exception_handler(APIError)
    def api_error(request: Request, error: APIError) -> JSONResponse:
        return error_response(error.status, error.code, error.message, error.retry_after_seconds)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "http")
        response = error_response(error.status_code, code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        findings = "; ".join(
            f"{'.'.join(str(part) for part in finding['loc'])}: {finding['msg']}"
            for finding in error.errors()
        )
        return error_response(422, "invalid", findings)

    def database_unavailable(request: Request, error: Exception) -> JSONResponse:
        # The driver's text can hold the statement's values: only its first line is logged.
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        _log.error(
            "the database does not answer: %s", reason, extra={"event": "database_unavailable"}
        )
        return error_response(
            503, "database_unavailable", "The database does not answer; try again.", 2
        )

    app.add_exception_handler(OperationalError, database_unavailable)
    app.add_exception_handler(InterfaceError, database_unavailable)
    app.add_exception_handler(PoolTimeout, database_unavailable)

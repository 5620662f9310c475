"""What the platform asks: is it ready, does it live, how does it do, which release is it."""

import logging

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.services import Provided
from app.version import VERSION

_log = logging.getLogger("app.health")

router = APIRouter(tags=["operations"])


@router.get("/health")
def health(services: Provided) -> JSONResponse:
    """Ready to serve: the database answers and holds a schema."""
    try:
        with services.engine.connect() as connection:
            schema = connection.scalar(text("SELECT max(version_num) FROM alembic_version"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        _log.error("not ready: %s", reason, extra={"event": "database_unavailable"})
        return JSONResponse(
            {"status": "unready", "version": VERSION, "checks": {"database": "down"}}, 503
        )
    checks = {"database": "up", "schema": schema or "none"}
    if schema is None:
        _log.error("not ready: the schema is empty", extra={"event": "schema_missing"})
        return JSONResponse({"status": "unready", "version": VERSION, "checks": checks}, 503)
    return JSONResponse({"status": "ready", "version": VERSION, "checks": checks})


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers. Asks nothing else: a restart would not mend a database."""
    return {"status": "live", "version": VERSION}


@router.get("/metrics")
def metrics(services: Provided) -> Response:
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/version")
async def version() -> dict[str, str]:
    return {"version": VERSION}

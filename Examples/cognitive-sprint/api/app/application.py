"""Builds the application from its settings."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import errors
from app.database import make_engine, make_session_factory, pool_usage
from app.llm import LLMClient
from app.llm.select import make_llm
from app.metrics import Metrics
from app.middleware import RequestMiddleware
from app.routes import ROUTERS
from app.services import Services
from app.sessions import Sessions
from app.settings import Settings
from app.sprint import make_sprint_graph
from app.version import VERSION

_log = logging.getLogger("app")


def create_app(settings: Settings, llm: LLMClient | None = None) -> FastAPI:
    """Connects to nothing yet: the application starts without its database and says unready."""
    engine = make_engine(settings)
    metrics = Metrics()
    model = llm or make_llm(settings)
    sessions = Sessions(
        make_session_factory(engine), make_sprint_graph(settings.max_rounds), model, metrics
    )
    metrics.watch_database(lambda: pool_usage(engine), sessions.active_count)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _log.info("application started", extra={"event": "started", "model": model.model})
        yield
        engine.dispose()
        _log.info("application stopped", extra={"event": "stopped"})

    app = FastAPI(
        title="Cognitive Sprint Facilitator", version=VERSION, lifespan=lifespan, redoc_url=None
    )
    app.state.services = Services(engine=engine, sessions=sessions, metrics=metrics)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(RequestMiddleware, metrics=metrics)
    return app

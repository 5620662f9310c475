"""The connection to PostgreSQL."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from app.settings import Settings, SettingsError

SessionFactory = sessionmaker[Session]


def driver_url(database_url: str) -> URL:
    """The URL with the driver we use: platforms write postgresql:// or postgres://."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        # The error's own text would repeat the URL, password included.
        raise SettingsError(
            "DATABASE_URL cannot be read; give it as postgresql://user:password@host:port/database"
        ) from None
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise SettingsError(f"DATABASE_URL names {url.drivername}; only postgresql is supported")
    return url.set(drivername="postgresql+psycopg")


def make_engine(settings: Settings) -> Engine:
    """An engine whose pool never holds more than pool_size + pool_overflow connections."""
    return create_engine(
        driver_url(settings.database_url),
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=settings.pool_timeout_seconds,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "application_name": settings.service_name},
    )


def make_session_factory(engine: Engine) -> SessionFactory:
    return sessionmaker(engine, expire_on_commit=False)


def pool_usage(engine: Engine) -> dict[str, int]:
    """Connections of the pool by state, as /metrics shows them."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {"in_use": pool.checkedout(), "idle": pool.checkedin()}

"""Tests run against a real PostgreSQL: DATABASE_URL, in a schema of their own."""

import logging
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app.application import create_app
from app.database import driver_url, make_engine
from app.settings import Settings

API = Path(__file__).resolve().parent.parent


def alembic(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=API,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="session")
def server_url() -> str:
    url = os.environ.get("DATABASE_URL")
    if not url:
        pytest.exit("set DATABASE_URL, or run ../scripts/with-postgres.sh pytest", returncode=2)
    return url


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of an empty schema, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(driver_url(server_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = driver_url(server_url).set(drivername="postgresql")
    yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture(scope="session")
def migrated_once(server_url: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    engine = create_engine(driver_url(server_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = driver_url(server_url).set(drivername="postgresql")
    scoped = url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(False)
    done = alembic(scoped, "upgrade", "head")
    assert done.returncode == 0, done.stdout + done.stderr
    yield scoped
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture
def database_url(migrated_once: str) -> Iterator[str]:
    """The URL of a migrated schema without rows."""
    yield migrated_once
    engine = create_engine(driver_url(migrated_once), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE sprint_sessions CASCADE"))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, log_level="DEBUG")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = make_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def settings_of_nowhere() -> Settings:
    """A database that refuses the connection at once."""
    return replace(
        Settings(database_url="postgresql://u:p@127.0.0.1:1/d"), pool_timeout_seconds=1.0
    )


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    yield
    root.handlers, sys.excepthook = handlers, hook
    root.setLevel(level)
    logging.captureWarnings(False)

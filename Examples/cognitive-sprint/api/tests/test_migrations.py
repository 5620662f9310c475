"""The migrations as they are run in production: by the alembic command."""

import json

from conftest import alembic
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.database import driver_url


def rows(url: str, statement: str) -> list[object]:
    engine = create_engine(driver_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"


def test_they_go_up_match_the_models_and_come_down_again(empty_database: str) -> None:
    up = alembic(empty_database, "upgrade", "head")
    assert up.returncode == 0, up.stdout
    assert rows(empty_database, TABLES) == ["alembic_version", "sprint_sessions", "step_runs"]
    check = alembic(empty_database, "check")
    assert check.returncode == 0, check.stdout + check.stderr
    assert alembic(empty_database, "downgrade", "base").returncode == 0
    assert rows(empty_database, TABLES) == ["alembic_version"]


def test_every_line_is_json(empty_database: str) -> None:
    up = alembic(empty_database, "upgrade", "head")
    assert up.stderr == ""
    lines = [json.loads(line) for line in up.stdout.splitlines()]
    assert {line["service_name"] for line in lines} == {"cognitive-sprint-migrate"}
    assert sum("Running upgrade" in line["message"] for line in lines) == 3
    assert all(line["timestamp"] and line["severity"] and line["correlation_id"] for line in lines)


def test_a_schema_of_a_newer_release_is_left_alone(empty_database: str) -> None:
    alembic(empty_database, "upgrade", "head")
    rows(empty_database, "UPDATE alembic_version SET version_num = '9999'")
    up = alembic(empty_database, "upgrade", "head")
    assert up.returncode == 0, up.stdout + up.stderr
    assert json.loads(up.stdout.splitlines()[0])["event"] == "schema_ahead"
    assert rows(empty_database, "SELECT version_num FROM alembic_version") == ["9999"]


def test_a_failure_is_one_json_line_and_an_exit_code() -> None:
    for url, code, event in (
        ("", 2, "settings_refused"),
        ("postgresql://u:p@127.0.0.1:1/d", 1, "migration_failed"),
    ):
        up = alembic(url, "upgrade", "head")
        assert (up.returncode, up.stderr) == (code, "")
        line = json.loads(up.stdout.splitlines()[-1])
        assert (line["severity"], line["event"]) == ("CRITICAL", event)

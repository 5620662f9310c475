"""Runs the migrations: one at a time over all replicas, all or nothing, with JSON logs."""

import logging
import os
import sys

from alembic import context
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app import logs
from app.database import driver_url
from app.models import Base
from app.settings import Settings, SettingsError

_log = logging.getLogger("app.migrate")

# Any number will do, as long as all that migrate this database take the same.
_LOCK = 7_305_182_047


def _is_upgrade() -> bool:
    command = getattr(context.config.cmd_opts, "cmd", None)
    return command is not None and command[0].__name__ == "upgrade"


def _unknown_revisions(connection: Connection) -> list[str]:
    """Revisions that the database has and this release does not know."""
    script = ScriptDirectory.from_config(context.config)
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return []
    found = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    known = {revision.revision for revision in script.walk_revisions()}
    return sorted(set(found) - known)


def _migrate(connection: Connection) -> None:
    # A migration that waits for a lock makes all later requests wait behind it: it gives up
    # instead, and the old release goes on serving.
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.commit()
    if _is_upgrade() and (unknown := _unknown_revisions(connection)):
        _log.warning(
            "the schema is newer than this release (%s); nothing to migrate",
            ", ".join(unknown),
            extra={"event": "schema_ahead"},
        )
        return
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    logs.configure(os.environ.get("SERVICE_NAME") or "cognitive-sprint-migrate")
    try:
        settings = Settings.from_env(default_service_name="cognitive-sprint-migrate")
        url = driver_url(settings.database_url)
    except SettingsError as error:
        _log.critical("%s", error, extra={"event": "settings_refused"})
        sys.exit(2)
    logs.configure(settings.service_name, settings.log_level)
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            _migrate(connection)
    except Exception as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        _log.critical(
            "migration failed: %s", reason, exc_info=True, extra={"event": "migration_failed"}
        )
        sys.exit(1)
    _log.info("schema is up to date" if _is_upgrade() else "done", extra={"event": "migrated"})


if context.is_offline_mode():
    # `alembic upgrade head --sql` prints the statements for somebody to read.
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    main()

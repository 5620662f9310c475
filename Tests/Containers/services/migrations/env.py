import os

from alembic import context
from sqlalchemy import create_engine, pool

address = next(value for value in os.environ.values() if value.startswith("postgresql://"))
with create_engine(address, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

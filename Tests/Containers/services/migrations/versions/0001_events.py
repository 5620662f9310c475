"""What every stand-in writes to."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE events (who text NOT NULL, at timestamptz NOT NULL DEFAULT now())")
    op.execute("CREATE TABLE incidents (id bigserial PRIMARY KEY, what text NOT NULL)")

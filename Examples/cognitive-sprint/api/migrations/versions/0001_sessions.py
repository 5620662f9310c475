"""sessions"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sprint_sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("participants", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("language IN ('en', 'fr')", name="sprint_sessions_language"),
        sa.CheckConstraint("status IN ('active', 'finished')", name="sprint_sessions_status"),
        sa.CheckConstraint("participants BETWEEN 1 AND 50", name="sprint_sessions_participants"),
    )
    op.create_index("sprint_sessions_newest", "sprint_sessions", ["created_at", "id"])
    op.create_index(
        "sprint_sessions_active",
        "sprint_sessions",
        ["created_at", "id"],
        postgresql_where=sa.text("status = 'active'"),
    )


def downgrade() -> None:
    op.drop_table("sprint_sessions")

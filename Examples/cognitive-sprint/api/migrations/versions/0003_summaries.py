"""summaries of finished sprints, written by the worker"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sprint_sessions", sa.Column("summary", sa.Text))
    op.add_column(
        "sprint_sessions",
        sa.Column("summary_attempts", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index(
        "sprint_sessions_to_summarise",
        "sprint_sessions",
        ["summary_attempts", "finished_at"],
        postgresql_where=sa.text("status = 'finished' AND summary IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("sprint_sessions_to_summarise", "sprint_sessions")
    op.drop_column("sprint_sessions", "summary_attempts")
    op.drop_column("sprint_sessions", "summary")

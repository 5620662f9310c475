"""The tables, as the migrations create them."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        str: Text,
        Decimal: Numeric(12, 6),
    }


class SprintSession(Base):
    """A sprint on one topic. `step` is the node that runs next, or `done`."""

    __tablename__ = "sprint_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    topic: Mapped[str]
    language: Mapped[str]
    participants: Mapped[int]
    status: Mapped[str] = mapped_column(default="active")
    step: Mapped[str]
    state: Mapped[dict[str, Any]]
    # Counts the changes: two requests that advance the same session at once cannot both win.
    revision: Mapped[int] = mapped_column(default=1)
    # Of the request that created the session; the worker goes on under the same id.
    correlation_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    summary: Mapped[str | None]
    summary_attempts: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012
    __table_args__ = (
        Index("sprint_sessions_newest", "created_at", "id"),
        Index(
            "sprint_sessions_active",
            "created_at",
            "id",
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "sprint_sessions_to_summarise",
            "summary_attempts",
            "finished_at",
            postgresql_where=text("status = 'finished' AND summary IS NULL"),
        ),
    )


class StepRun(Base):
    """One run of one node, kept whether it succeeded or not: the trace of a sprint."""

    __tablename__ = "step_runs"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("sprint_sessions.id", ondelete="CASCADE")
    )
    node: Mapped[str]
    outcome: Mapped[str]
    model: Mapped[str]
    prompt: Mapped[str]
    output: Mapped[str]
    error: Mapped[str | None]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost_usd: Mapped[Decimal]
    duration_ms: Mapped[int]
    correlation_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("step_runs_session", "session_id", "id"),)

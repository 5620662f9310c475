"""What the API takes and gives."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class NewSession(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: Topic
    language: Literal["en", "fr"] = "en"
    participants: int = Field(default=4, ge=1, le=50)


class SessionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    topic: str
    language: str
    participants: int
    status: str
    step: str
    state: dict[str, Any]
    summary: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class SessionList(BaseModel):
    items: list[SessionOut]
    # To be given as `before` to get the page that follows; null on the last page.
    next: str | None


class StepRunOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    node: str
    outcome: str
    model: str
    prompt: str
    output: str
    error: str | None
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal
    duration_ms: int
    correlation_id: str
    created_at: datetime


class Trace(BaseModel):
    session_id: uuid.UUID
    runs: list[StepRunOut]
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal

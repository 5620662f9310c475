"""The sessions of the API."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.errors import APIError
from app.models import SprintSession
from app.schemas import NewSession, SessionList, SessionOut, StepRunOut, Trace
from app.services import Provided

router = APIRouter(prefix="/api/sessions", tags=["sessions"])


@router.post("", status_code=201)
def create(new: NewSession, response: Response, services: Provided) -> SessionOut:
    session = services.sessions.create(new)
    response.headers["Location"] = f"/api/sessions/{session.id}"
    return SessionOut.model_validate(session)


@router.get("")
def list_sessions(
    services: Provided,
    status: Literal["active", "finished"] | None = None,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SessionList:
    page = services.sessions.page(status, _cursor(before), limit + 1)
    shown = page[:limit]
    following = _cursor_after(shown[-1]) if len(page) > limit else None
    return SessionList(items=[SessionOut.model_validate(s) for s in shown], next=following)


@router.get("/{session_id}")
def read(session_id: uuid.UUID, services: Provided) -> SessionOut:
    return SessionOut.model_validate(services.sessions.get(session_id))


@router.post("/{session_id}/advance")
def advance(session_id: uuid.UUID, services: Provided) -> SessionOut:
    """Runs the session's next step and answers the session as it is then."""
    return SessionOut.model_validate(services.sessions.advance(session_id))


@router.get("/{session_id}/trace")
def trace(session_id: uuid.UUID, services: Provided) -> Trace:
    """Each run of a step: what was asked and answered, how long it took, what it cost."""
    runs = services.sessions.trace(session_id)
    return Trace(
        session_id=session_id,
        runs=[StepRunOut.model_validate(run) for run in runs],
        prompt_tokens=sum(run.prompt_tokens for run in runs),
        completion_tokens=sum(run.completion_tokens for run in runs),
        cost_usd=sum((run.cost_usd for run in runs), Decimal(0)),
    )


def _cursor_after(session: SprintSession) -> str:
    return f"{session.created_at.isoformat()}_{session.id}"


def _cursor(text: str | None) -> tuple[datetime, uuid.UUID] | None:
    if text is None:
        return None
    at, _, session_id = text.partition("_")
    try:
        # A plus sign that nobody escaped arrives as a blank.
        return datetime.fromisoformat(at.replace(" ", "+")), uuid.UUID(session_id)
    except ValueError:
        raise APIError(422, "invalid", "before is not a cursor of this API") from None

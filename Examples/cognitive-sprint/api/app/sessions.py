"""The use cases of a sprint's session. Each opens its own short transactions."""

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from app import correlation, injection
from app.database import SessionFactory
from app.errors import APIError
from app.graph import END, Graph, NodeFailure
from app.llm import LLMClient, LLMRejected, LLMUnavailable
from app.metrics import Metrics
from app.models import SprintSession, StepRun, now
from app.schemas import NewSession
from app.sprint import RecordingLLM, SprintState

_log = logging.getLogger("app.sessions")


class Sessions:
    def __init__(
        self,
        database: SessionFactory,
        graph: Graph[SprintState, LLMClient],
        llm: LLMClient,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._graph = graph
        self._llm = llm
        self._metrics = metrics

    def create(self, new: NewSession) -> SprintSession:
        if pattern := injection.find(new.topic):
            self._metrics.prompt_injections.labels(pattern).inc()
            _log.warning(
                "prompt injection refused",
                extra={"event": "prompt_injection", "pattern": pattern, "field": "topic"},
            )
            raise APIError(422, "prompt_injection", "The topic reads like orders to the model.")
        state = SprintState(topic=new.topic, language=new.language)
        session = SprintSession(
            id=uuid.uuid4(),
            topic=new.topic,
            language=new.language,
            participants=new.participants,
            step=self._graph.start,
            state=state.to_json(),
            correlation_id=correlation.current(),
        )
        with self._database.begin() as database:
            database.add(session)
        self._metrics.sessions_created.inc()
        _log.info(
            "session created",
            extra={"event": "session_created", "session_id": str(session.id)},
        )
        return session

    def get(self, session_id: uuid.UUID) -> SprintSession:
        with self._database() as database:
            session = database.get(SprintSession, session_id)
        if session is None:
            raise APIError(404, "no_session", "There is no such session.")
        return session

    def page(
        self, status: str | None, before: tuple[datetime, uuid.UUID] | None, limit: int
    ) -> Sequence[SprintSession]:
        """The newest first; `before` is the last one of the page already shown."""
        key = tuple_(SprintSession.created_at, SprintSession.id)
        query = select(SprintSession).order_by(
            SprintSession.created_at.desc(), SprintSession.id.desc()
        )
        if status is not None:
            query = query.where(SprintSession.status == status)
        if before is not None:
            query = query.where(key < tuple_(*before))
        with self._database() as database:
            return database.scalars(query.limit(limit)).all()

    def trace(self, session_id: uuid.UUID) -> Sequence[StepRun]:
        self.get(session_id)
        with self._database() as database:
            return database.scalars(
                select(StepRun).where(StepRun.session_id == session_id).order_by(StepRun.id)
            ).all()

    def active_count(self) -> int | None:
        """The number of unfinished sprints, or None when the database does not answer."""
        try:
            with self._database() as database:
                return database.scalar(select(func.count()).where(SprintSession.status == "active"))
        except SQLAlchemyError:
            return None

    def advance(self, session_id: uuid.UUID) -> SprintSession:
        """Runs the session's next node.

        No transaction is open while the model thinks; `revision` finds out afterwards whether
        somebody else has advanced the session meanwhile.
        """
        session = self.get(session_id)
        if session.step == END:
            raise APIError(409, "finished", "The session is finished.")
        node = session.step
        recorder = RecordingLLM(self._llm)
        started = time.perf_counter()
        failure: Exception | None = None
        try:
            state, following = self._graph.run(node, SprintState.from_json(session.state), recorder)
        except (NodeFailure, LLMUnavailable, LLMRejected) as error:
            failure = error
        seconds = time.perf_counter() - started
        run = self._record(session, node, recorder, seconds, failure)
        if failure is not None:
            with self._database.begin() as database:
                database.add(run)
            raise self._refusal(session, node, failure) from failure
        try:
            with self._database.begin() as database:
                database.add(session)
                session.state = state.to_json()
                session.step = following
                session.updated_at = now()
                if following == END:
                    session.status = "finished"
                    session.finished_at = session.updated_at
                database.add(run)
        except StaleDataError as error:
            raise APIError(409, "advanced", "Somebody else has just advanced it.") from error
        _log.debug(
            "%s -> %s",
            node,
            following,
            extra={
                "event": "graph_step",
                "session_id": str(session_id),
                "node": node,
                "following": following,
                "round": state.round,
                "score": state.score,
                "duration_ms": run.duration_ms,
            },
        )
        return session

    def _record(
        self,
        session: SprintSession,
        node: str,
        recorder: RecordingLLM,
        seconds: float,
        failure: Exception | None,
    ) -> StepRun:
        outcome = "ok" if failure is None else "failed"
        self._metrics.node_runs.labels(node, outcome).inc()
        self._metrics.node_seconds.labels(node).observe(seconds)
        for response in recorder.responses:
            self._metrics.observe_llm(node, response)
        return StepRun(
            session_id=session.id,
            node=node,
            outcome=outcome,
            model=recorder.responses[-1].model if recorder.responses else recorder.model,
            prompt="\n\n".join(f"{r.instructions}\n\n{r.subject}" for r in recorder.requests),
            output="\n\n".join(r.text for r in recorder.responses),
            error=None if failure is None else str(failure),
            prompt_tokens=sum(r.prompt_tokens for r in recorder.responses),
            completion_tokens=sum(r.completion_tokens for r in recorder.responses),
            cost_usd=sum((r.cost_usd for r in recorder.responses), Decimal(0)),
            duration_ms=round(seconds * 1000),
            correlation_id=correlation.current(),
        )

    def _refusal(self, session: SprintSession, node: str, failure: Exception) -> APIError:
        fields = {"session_id": str(session.id), "node": node}
        if isinstance(failure, LLMUnavailable):
            self._metrics.external_failures.labels("llm").inc()
            _log.warning(
                "%s",
                failure,
                extra={"event": "external_api_unavailable", "service": "llm"} | fields,
            )
            return APIError(
                503, "model_unavailable", "The model does not answer; try this step again.", 5
            )
        _log.error("node failed: %s", failure, extra={"event": "node_failed"} | fields)
        return APIError(502, "node_failed", f"The step {node} failed; try it again.")

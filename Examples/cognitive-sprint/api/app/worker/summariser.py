"""Takes finished sprints from the table one by one and writes their summaries.

Several workers may run at once: a session that one of them holds is skipped by the others, and
a worker that dies gives its session back with its transaction.
"""

import logging
import os
import signal
import threading
import time
from decimal import Decimal
from types import FrameType

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import correlation, logs
from app.database import SessionFactory, make_engine, make_session_factory
from app.llm import LLMClient, LLMRejected, LLMResponse, LLMUnavailable
from app.llm.select import make_llm
from app.models import SprintSession, StepRun, now
from app.settings import Settings, SettingsError
from app.sprint import SprintState, summary_request
from app.worker import heartbeat

_log = logging.getLogger("app.worker")

MAX_ATTEMPTS = 5


def summarise_next(database: SessionFactory, llm: LLMClient) -> bool:
    """Summarises the oldest finished session that has no summary; False when there is none.

    - Raises: LLMUnavailable when the model does not answer; the session stays as it is.
    """
    with database.begin() as transaction:
        session = transaction.scalar(
            select(SprintSession)
            .where(
                SprintSession.status == "finished",
                SprintSession.summary.is_(None),
                SprintSession.summary_attempts < MAX_ATTEMPTS,
            )
            .order_by(SprintSession.summary_attempts, SprintSession.finished_at)
            .limit(1)
            # FOR NO KEY UPDATE: rows that refer to the session may still be written meanwhile.
            .with_for_update(skip_locked=True, key_share=True)
        )
        if session is None:
            return False
        correlation.bind(session.correlation_id)
        request = summary_request(
            session.topic, session.language, SprintState.from_json(session.state)
        )
        started = time.perf_counter()
        response: LLMResponse | None = None
        failure: LLMRejected | None = None
        try:
            response = llm.complete(request)
        except LLMRejected as error:
            failure = error
        session.summary = response.text if response else None
        session.summary_attempts += 1
        session.updated_at = now()
        transaction.add(
            StepRun(
                session_id=session.id,
                node=request.node,
                outcome="ok" if response else "failed",
                model=response.model if response else llm.model,
                prompt=f"{request.instructions}\n\n{request.subject}",
                output=response.text if response else "",
                error=str(failure) if failure else None,
                prompt_tokens=response.prompt_tokens if response else 0,
                completion_tokens=response.completion_tokens if response else 0,
                cost_usd=response.cost_usd if response else Decimal(0),
                duration_ms=round((time.perf_counter() - started) * 1000),
                correlation_id=session.correlation_id,
            )
        )
        fields = {"session_id": str(session.id), "attempt": session.summary_attempts}
    if failure:
        _log.error("node failed: %s", failure, extra={"event": "node_failed"} | fields)
    else:
        _log.info("session summarised", extra={"event": "session_summarised"} | fields)
    return True


def run(settings: Settings, stop: threading.Event, llm: LLMClient | None = None) -> None:
    """Works until `stop` is set; the session in hand is finished first."""
    engine = make_engine(settings)
    database = make_session_factory(engine)
    model = llm or make_llm(settings)
    beats = heartbeat.path()
    _log.info("worker started", extra={"event": "started", "model": model.model})
    while not stop.is_set():
        correlation.bind(correlation.PROCESS_CORRELATION_ID)
        pause = settings.worker_poll_seconds
        try:
            if summarise_next(database, model):
                pause = 0
        except LLMUnavailable as error:
            _log.warning("%s", error, extra={"event": "external_api_unavailable", "service": "llm"})
            pause = max(pause, 5)
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            _log.error(
                "the database does not answer: %s",
                reason,
                extra={"event": "database_unavailable"},
            )
            pause = max(pause, 2)
        heartbeat.beat(beats)
        stop.wait(pause)
    correlation.bind(correlation.PROCESS_CORRELATION_ID)
    engine.dispose()
    heartbeat.clear(beats)
    _log.info("worker stopped", extra={"event": "stopped"})


def main() -> int:
    default_name = "cognitive-sprint-worker"
    logs.configure(os.environ.get("SERVICE_NAME") or default_name)
    stop = threading.Event()

    def on_signal(signum: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        settings = Settings.from_env(default_service_name=default_name)
        logs.configure(settings.service_name, settings.log_level)
        run(settings, stop)
    except SettingsError as error:
        _log.critical("%s", error, extra={"event": "settings_refused"})
        return 2
    return 0

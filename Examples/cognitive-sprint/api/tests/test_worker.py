"""The summariser."""

import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import API
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from app.database import make_session_factory
from app.llm import LLMRejected, LLMRequest, LLMResponse, LLMUnavailable, Prices
from app.llm.offline import OfflineLLM
from app.models import SprintSession
from app.settings import Settings
from app.worker import heartbeat
from app.worker.summariser import MAX_ATTEMPTS, run, summarise_next

LLM = OfflineLLM(Prices.free())


def finished(client: TestClient, request_id: str = "the-creator") -> str:
    headers = {"X-Request-Id": request_id}
    session = client.post("/api/sessions", json={"topic": "Meetings"}, headers=headers).json()
    path = f"/api/sessions/{session['id']}"
    while session["status"] == "active":
        session = client.post(f"{path}/advance").json()
    return path


def test_a_finished_sprint_gets_its_summary_under_its_creators_id(
    client: TestClient, engine: Engine
) -> None:
    client.post("/api/sessions", json={"topic": "Not finished"})
    path = finished(client)
    database = make_session_factory(engine)
    assert summarise_next(database, LLM) is True
    assert summarise_next(database, LLM) is False
    assert client.get(path).json()["summary"].startswith("Meetings: ")
    run = client.get(f"{path}/trace").json()["runs"][-1]
    assert (run["node"], run["outcome"]) == ("summarise", "ok")
    assert run["correlation_id"] == "the-creator"


def test_a_session_in_other_hands_is_skipped(client: TestClient, engine: Engine) -> None:
    first, second = finished(client), finished(client)
    database = make_session_factory(engine)
    with database.begin() as other:
        held = select(SprintSession).where(SprintSession.id == first.rsplit("/", 1)[1])
        other.scalar(held.with_for_update(key_share=True))
        assert summarise_next(database, LLM) is True
        assert summarise_next(database, LLM) is False
    assert client.get(first).json()["summary"] is None
    assert client.get(second).json()["summary"] is not None
    assert summarise_next(database, LLM) is True


class _FailingLLM:
    model = "failing"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def complete(self, request: LLMRequest) -> LLMResponse:
        raise self._error


def test_a_session_that_always_fails_is_given_up(
    client: TestClient, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    path = finished(client)
    database = make_session_factory(engine)
    for _ in range(MAX_ATTEMPTS):
        assert summarise_next(database, _FailingLLM(LLMRejected("no"))) is True
    assert summarise_next(database, LLM) is False
    assert client.get(path).json()["summary"] is None
    failed = [r for r in caplog.records if getattr(r, "event", "") == "node_failed"]
    assert [record.levelno for record in failed] == [logging.ERROR] * MAX_ATTEMPTS


def test_an_unavailable_model_costs_no_attempt(client: TestClient, engine: Engine) -> None:
    path = finished(client)
    database = make_session_factory(engine)
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(LLMUnavailable):
            summarise_next(database, _FailingLLM(LLMUnavailable("down")))
    assert summarise_next(database, LLM) is True
    assert client.get(path).json()["summary"] is not None


def test_it_works_until_it_is_stopped_and_shows_that_it_lives(
    client: TestClient,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "beat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", str(file))
    paths = [finished(client) for _ in range(3)]
    assert heartbeat.check() == 1
    stop = threading.Event()
    fast = replace(settings, worker_poll_seconds=0.05)
    worker = threading.Thread(target=run, args=(fast, stop))
    worker.start()
    try:
        tick = threading.Event()
        for _ in range(200):
            if all(client.get(path).json()["summary"] for path in paths) and file.exists():
                break
            tick.wait(0.05)
        assert heartbeat.check() == 0
    finally:
        stop.set()
        worker.join(10)
    assert not worker.is_alive()
    assert all(client.get(path).json()["summary"] for path in paths)
    assert heartbeat.check() == 1
    capsys.readouterr()


def test_a_worker_without_its_database_keeps_trying(
    settings_of_nowhere: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "beat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", str(file))
    stop = threading.Event()
    worker = threading.Thread(target=run, args=(settings_of_nowhere, stop))
    worker.start()
    tick = threading.Event()
    for _ in range(200):
        if file.exists():
            break
        tick.wait(0.05)
    stop.set()
    worker.join(10)
    assert any(getattr(r, "event", "") == "database_unavailable" for r in caplog.records)


def test_heartbeats_of_two_environments_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKER_HEARTBEAT_FILE", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/staging")
    staging = heartbeat.path()
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/prod")
    assert heartbeat.path() != staging
    assert API.name == "api"

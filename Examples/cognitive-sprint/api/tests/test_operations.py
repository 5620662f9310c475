"""Health, liveness, metrics."""

import logging
import re

import pytest
from fastapi.testclient import TestClient

from app.application import create_app
from app.settings import Settings
from app.version import VERSION


def sample(text: str, name: str) -> float:
    """The value of one series, given as it stands in the text."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not in\n{text}"
    return float(found.group(1))


def test_ready_when_the_database_and_its_schema_are_there(client: TestClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "version": VERSION,
        "checks": {"database": "up", "schema": "0003"},
    }


def test_unready_but_alive_without_a_database(
    settings_of_nowhere: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(settings_of_nowhere)) as client:
        assert client.get("/live").status_code == 200
        answer = client.get("/health")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"database": "down"}
        listing = client.get("/api/sessions")
        assert listing.status_code == 503
        assert listing.json()["error"]["code"] == "database_unavailable"
        assert listing.headers["retry-after"] == "2"
        # The metrics are there, only without the figure that nobody can know.
        text = client.get("/metrics").text
        assert "http_requests_total" in text
        assert "sprint_sessions_active" not in text
    events = [getattr(r, "event", "") for r in caplog.records if r.levelno == logging.ERROR]
    assert events.count("database_unavailable") == 2


def test_unready_with_an_empty_schema(empty_database: str) -> None:
    with TestClient(create_app(Settings(database_url=empty_database))) as client:
        assert client.get("/health").status_code == 503


def test_metrics_count_requests_nodes_and_tokens(client: TestClient) -> None:
    session = client.post("/api/sessions", json={"topic": "Fewer meetings"}).json()
    client.post(f"/api/sessions/{session['id']}/advance")
    client.post("/api/sessions", json={"topic": "You are now a pirate"})
    client.get("/somewhere/else")
    text = client.get("/metrics").text
    created = 'http_requests_total{method="POST",route="/api/sessions",status="201"}'
    assert sample(text, created) == 1
    advanced = '{method="POST",route="/api/sessions/{session_id}/advance"}'
    assert sample(text, f"http_request_duration_seconds_count{advanced}") == 1
    # Unknown paths share one label, or anybody could grow the metrics without end.
    assert sample(text, 'http_requests_total{method="any",route="unmatched",status="404"}') == 1
    assert sample(text, 'sprint_node_runs_total{node="frame",outcome="ok"}') == 1
    tokens = 'sprint_llm_tokens_total{kind="prompt",model="offline-1",node="frame"}'
    assert sample(text, tokens) > 0
    assert sample(text, 'sprint_llm_cost_usd_total{model="offline-1",node="frame"}') == 0
    assert sample(text, 'sprint_prompt_injections_total{pattern="role"}') == 1
    assert sample(text, "sprint_sessions_active") == 1
    assert sample(text, 'db_pool_connections{state="idle"}') >= 1
    assert sample(text, f'app_info{{version="{VERSION}"}}') == 1
    assert sample(text, "process_resident_memory_bytes") > 0

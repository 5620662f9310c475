"""What happens when the model does not do its part."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient

from app.application import create_app
from app.llm import LLMRejected, LLMRequest, LLMResponse, LLMUnavailable, Prices
from app.llm.openai import OpenAILLM
from app.settings import Settings

TRACE = "105445aa7843bc8bf206b12000100000"


@dataclass
class ModelServer:
    """A stand-in for the model's service that records what it is asked."""

    status: int = 200
    body: bytes = b""
    requests: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)
    url: str = ""

    def says(self, text: str) -> None:
        self.body = json.dumps(
            {
                "model": "gpt-test",
                "choices": [{"message": {"content": text}}],
                "usage": {"prompt_tokens": 120, "completion_tokens": 30},
            }
        ).encode()


@pytest.fixture
def model_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    state = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append((self.path, headers, json.loads(self.rfile.read(length))))
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def openai_settings(settings: Settings, model_server: ModelServer) -> Settings:
    return replace(
        settings,
        llm_provider="openai",
        openai_api_key="sk-test",
        openai_base_url=model_server.url,
        llm_input_price=Decimal(1),
        llm_output_price=Decimal(10),
    )


def start(client: TestClient) -> str:
    session = client.post("/api/sessions", json={"topic": "Fewer meetings"}).json()
    return f"/api/sessions/{session['id']}"


def test_a_real_model_is_asked_with_the_correlation_id(
    openai_settings: Settings, model_server: ModelServer
) -> None:
    model_server.says("How might we meet less?")
    with TestClient(create_app(openai_settings)) as client:
        path = start(client)
        headers = {"X-Cloud-Trace-Context": f"{TRACE}/7;o=1"}
        answer = client.post(f"{path}/advance", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"]["question"] == "How might we meet less?"
        run = client.get(f"{path}/trace").json()["runs"][0]
        metrics = client.get("/metrics").text
    asked, sent, body = model_server.requests[0]
    assert asked == "/v1/chat/completions"
    assert sent["authorization"] == "Bearer sk-test"
    assert sent["x-cloud-trace-context"].startswith(f"{TRACE}/")
    assert sent["traceparent"].startswith(f"00-{TRACE}-")
    assert sent["x-request-id"] == TRACE
    messages = body["messages"]
    assert isinstance(messages, list)
    assert messages[1] == {"role": "user", "content": "Fewer meetings"}
    assert "Fewer meetings" not in messages[0]["content"]
    assert (run["model"], run["correlation_id"]) == ("gpt-test", TRACE)
    assert (run["prompt_tokens"], run["completion_tokens"]) == (120, 30)
    assert run["cost_usd"] == "0.000420"
    assert 'sprint_llm_cost_usd_total{model="gpt-test",node="frame"} 0.00042' in metrics


def test_a_model_that_is_down_is_a_warning_and_the_step_can_be_tried_again(
    openai_settings: Settings, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    model_server.status = 503
    with TestClient(create_app(openai_settings)) as client:
        path = start(client)
        answer = client.post(f"{path}/advance")
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "model_unavailable"
        assert answer.headers["retry-after"] == "5"
        assert client.get(path).json()["step"] == "frame"
        assert 'sprint_external_failures_total{service="llm"} 1.0' in client.get("/metrics").text

        model_server.status = 200
        model_server.says("How might we meet less?")
        assert client.post(f"{path}/advance").json()["step"] == "diverge"
        runs = client.get(f"{path}/trace").json()["runs"]
    assert [run["outcome"] for run in runs] == ["failed", "ok"]
    assert "503" in runs[0]["error"]
    record = next(
        r for r in caplog.records if getattr(r, "event", "") == "external_api_unavailable"
    )
    assert record.levelno == logging.WARNING


def test_a_failed_node_is_an_error_and_its_run_is_kept(
    openai_settings: Settings, model_server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(openai_settings)) as client:
        path = start(client)
        model_server.says("How might we meet less?")
        client.post(f"{path}/advance")
        model_server.says("I would rather talk about the weather.")
        answer = client.post(f"{path}/advance")
        assert answer.status_code == 502
        assert answer.json()["error"]["code"] == "node_failed"
        run = client.get(f"{path}/trace").json()["runs"][-1]
        metrics = client.get("/metrics").text
    assert (run["node"], run["outcome"]) == ("diverge", "failed")
    assert run["output"] == "I would rather talk about the weather."
    assert run["error"] == "diverge: the model's answer holds no list"
    assert 'sprint_node_runs_total{node="diverge",outcome="failed"} 1.0' in metrics
    record = next(r for r in caplog.records if getattr(r, "event", "") == "node_failed")
    assert record.levelno == logging.ERROR


class _BrokenLLM:
    model = "broken"

    def complete(self, request: LLMRequest) -> LLMResponse:
        raise ZeroDivisionError("a bug of ours")


def test_an_unexpected_error_is_logged_with_its_traceback_and_says_nothing_outside(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(create_app(settings, _BrokenLLM())) as client:
        answer = client.post(f"{start(client)}/advance")
        metrics = client.get("/metrics").text
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "bug of ours" not in answer.text
    assert 'route="/api/sessions/{session_id}/advance",status="500"} 1.0' in metrics
    record = next(r for r in caplog.records if getattr(r, "event", "") == "unexpected_error")
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


REQUEST = LLMRequest(node="frame", language="en", instructions="Frame it.", subject="Meetings")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, b"", LLMUnavailable),
        (500, b"", LLMUnavailable),
        (401, b"", LLMRejected),
        (200, b"not json", LLMRejected),
        (200, b"[]", LLMRejected),
        (200, b'{"choices": []}', LLMRejected),
        (200, b'{"choices": [{"message": {"content": null}}]}', LLMRejected),
        (200, b'{"choices": [{"message": {"content": " "}}]}', LLMRejected),
    ],
)
def test_a_bad_answer_of_the_model_is_told_apart(
    model_server: ModelServer, status: int, body: bytes, expected: type[Exception]
) -> None:
    model_server.status, model_server.body = status, body
    llm = OpenAILLM(model_server.url, "sk-test", "gpt-test", Prices.free(), 5)
    with pytest.raises(expected):
        llm.complete(REQUEST)


def test_a_model_that_refuses_the_connection_is_unavailable() -> None:
    llm = OpenAILLM("http://127.0.0.1:1/v1", "sk-test", "gpt-test", Prices.free(), 5)
    with pytest.raises(LLMUnavailable):
        llm.complete(REQUEST)

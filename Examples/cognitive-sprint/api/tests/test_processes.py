"""The server and the worker as processes: their output, their signals, their start."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from conftest import API

MANDATORY = ("timestamp", "severity", "message", "service_name", "correlation_id")
SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        pause.wait(0.02)


def request(port: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def ready(port: int) -> bool:
    try:
        return request(port, "GET", "/health")[0] == 200
    except OSError:
        return False


def parsed(output: str) -> list[dict[str, object]]:
    """The lines of a run, each checked for what SF-18 asks of it."""
    lines = []
    for text in output.splitlines():
        line = json.loads(text)
        assert all(line.get(key) for key in MANDATORY), text
        assert line["severity"] in SEVERITIES
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
        lines.append(line)
    return lines


@dataclass
class Process:
    popen: subprocess.Popen[str]
    port: int

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=30)
        return self.popen.returncode, out, err


Start = Callable[..., Process]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(*command: str, **environment: str) -> Process:
        port = free_port()
        popen = subprocess.Popen(
            [sys.executable, *(part.format(port=port) for part in command)],
            cwd=API,
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "APP_HOST": "127.0.0.1",
                "PORT": str(port),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(popen)
        return Process(popen, port)

    yield begin
    for popen in running:
        if popen.poll() is None:
            popen.kill()
            popen.communicate()


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "app"),
        ("-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}"),
    ],
)
def test_a_whole_run_writes_json_and_nothing_else(start: Start, command: tuple[str, ...]) -> None:
    server = start(*command, LOG_LEVEL="DEBUG")
    wait_until(lambda: ready(server.port))
    status, body = request(server.port, "POST", "/api/sessions", {"topic": "Fewer meetings"})
    assert status == 201
    session = json.loads(body)["id"]
    assert request(server.port, "POST", f"/api/sessions/{session}/advance")[0] == 200
    assert request(server.port, "GET", "/nowhere")[0] == 404
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(b"this is not HTTP\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    _, out, err = server.stop()
    assert err == ""
    lines = parsed(out)
    events = [(line["severity"], line.get("event")) for line in lines]
    for expected in (
        ("INFO", "started"),
        ("INFO", "session_created"),
        ("DEBUG", "graph_step"),
        ("INFO", "stopped"),
    ):
        assert expected in events
    assert {line["service_name"] for line in lines} == {"cognitive-sprint-api"}


def test_a_request_in_flight_finishes_after_sigterm(start: Start) -> None:
    server = start("-m", "app", LLM_OFFLINE_DELAY_MS="1500", LOG_LEVEL="DEBUG")
    wait_until(lambda: ready(server.port))
    _, body = request(server.port, "POST", "/api/sessions", {"topic": "Fewer meetings"})
    path = f"/api/sessions/{json.loads(body)['id']}"

    def in_flight() -> bool:
        text = request(server.port, "GET", "/metrics")[1].decode()
        # This very request is one; the slow one is the other.
        return "http_requests_in_flight 2.0" in text

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(request, server.port, "POST", f"{path}/advance")
        wait_until(in_flight)
        code, out, err = server.stop()
        status, body = slow.result()
    assert (code, err) == (0, "")
    assert status == 200
    assert json.loads(body)["step"] == "diverge"
    assert parsed(out)[-1]["severity"] == "INFO"


@pytest.mark.parametrize(
    ("environment", "code"),
    [({"DATABASE_URL": ""}, 2), ({"LLM_PROVIDER": "oracle"}, 2), ({"APP_HOST": "192.0.2.1"}, 3)],
)
def test_a_start_that_fails_says_why_in_json(
    start: Start, environment: dict[str, str], code: int
) -> None:
    out, err = (server := start("-m", "app", **environment)).popen.communicate(timeout=20)
    assert server.popen.returncode == code
    assert err == ""
    assert parsed(out)[-1]["severity"] in ("CRITICAL", "ERROR", "INFO")
    assert any(line["severity"] in ("CRITICAL", "ERROR") for line in parsed(out))


def test_an_import_that_fails_under_uvicorn_says_why_in_json(start: Start) -> None:
    server = start("-m", "uvicorn", "app.main:app", DATABASE_URL="")
    out, err = server.popen.communicate(timeout=20)
    assert server.popen.returncode != 0
    assert err == ""
    line = parsed(out)[-1]
    assert line["severity"] == "CRITICAL"
    assert "DATABASE_URL is not set" in str(line["message"])


def test_the_worker_stops_on_sigterm_and_writes_json(start: Start, tmp_path: object) -> None:
    beat = f"{tmp_path}/beat"
    worker = start("-m", "app.worker", WORKER_HEARTBEAT_FILE=beat)
    wait_until(lambda: os.path.exists(beat))
    check = start("-m", "app.worker", "check", WORKER_HEARTBEAT_FILE=beat)
    out, err = check.popen.communicate(timeout=20)
    assert (check.popen.returncode, err) == (0, "")
    assert parsed(out)[0]["event"] == "worker_check"
    code, out, err = worker.stop()
    assert (code, err) == (0, "")
    lines = parsed(out)
    assert [line["event"] for line in lines] == ["started", "stopped"]
    assert {line["service_name"] for line in lines} == {"cognitive-sprint-worker"}


def test_it_starts_within_its_time(start: Start) -> None:
    """About 1 s on two cores; the limit leaves room for a busy machine."""
    began = time.monotonic()
    server = start("-m", "app")
    wait_until(lambda: ready(server.port))
    seconds = time.monotonic() - began
    server.stop()
    assert seconds < 10
    print(f"ready after {seconds:.2f} s")

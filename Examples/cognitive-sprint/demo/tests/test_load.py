"""The load generator counts honestly and stays on this machine."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LOAD = Path(__file__).resolve().parent.parent / "load.py"
Behaviour = Callable[[socket.socket, str, int], bool]


def answer(status: str, body: object, *headers: str) -> bytes:
    content = json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "X-App-Version: 9.9.9"]
    return "\r\n".join([*head, *headers, "", ""]).encode() + content


def session(state: str = "active") -> dict[str, str]:
    return {"id": "17", "status": state}


@contextmanager
def server(behave: Behaviour) -> Iterator[int]:
    """Serves connections in threads; `behave` answers one request and says whether to go on."""
    listener = socket.create_server(("127.0.0.1", 0))
    numbers = iter(range(1_000_000))
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while first := reader.readline():
                length = 0
                while (line := reader.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                body = reader.read(length).decode()
                with lock:
                    number = next(numbers)
                request = first.decode().rsplit(" ", 1)[0] + " " + body
                try:
                    if not behave(connection, request, number):
                        return
                except OSError:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    # Closing alone does not wake the thread that accepts.
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def sane(connection: socket.socket, request: str, number: int, *headers: str) -> bool:
    if request.startswith("POST /api/sessions {"):
        topic = json.loads(request.split(" ", 2)[2])["topic"]
        connection.sendall(answer("201 Created", {**session(), "topic": topic}, *headers))
    elif "?limit" in request:
        connection.sendall(answer("200 OK", {"items": [session()]}, *headers))
    elif request.startswith("POST"):
        connection.sendall(answer("200 OK", session("finished"), *headers))
    else:
        connection.sendall(answer("200 OK", session(), *headers))
    return True


def load(*arguments: str) -> tuple[int, dict[str, object], str]:
    done = subprocess.run(
        [sys.executable, str(LOAD), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_a_sane_server_gets_its_load_and_no_failure() -> None:
    with server(sane) as port:
        code, report, _ = load(f"http://127.0.0.1:{port}", "--duration", "2", "--rate", "100")
    assert code == 0
    assert report["failed"] == 0
    sent = report["sent"]
    assert isinstance(sent, int)
    assert 20 <= sent <= 230
    by_request = report["by_request"]
    assert isinstance(by_request, dict)
    assert {"create", "read", "advance"} <= by_request.keys()
    versions = report["versions"]
    assert isinstance(versions, dict)
    assert versions["9.9.9"]["requests"] == sent


def chunked(connection: socket.socket, request: str, number: int) -> bool:
    topic = json.loads(request.split(" ", 2)[2])["topic"] if "{" in request else ""
    status = "201 Created" if topic else "200 OK"
    body = json.dumps({**session("finished"), "topic": topic, "items": [1]}).encode()
    head = f"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head.encode())
    for part in (body[:5], body[5:]):
        connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    connection.sendall(b"0\r\n\r\n")
    return True


def closes_politely(connection: socket.socket, request: str, number: int) -> bool:
    sane(connection, request, number, "Connection: close")
    return False


@pytest.mark.parametrize("behave", [chunked, closes_politely])
def test_other_sane_servers_are_understood(behave: Behaviour) -> None:
    with server(behave) as port:
        options = ("--duration", "1", "--rate", "40", "--keep-alive", "2", "--close", "1")
        code, report, _ = load(f"http://127.0.0.1:{port}", *options)
    assert (code, report["failed"]) == (0, 0), report


def hangs_up(connection: socket.socket, request: str, number: int) -> bool:
    return number % 3 != 2 and sane(connection, request, number)


def half_a_body(connection: socket.socket, request: str, number: int) -> bool:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{}")
    return False


def errors(connection: socket.socket, request: str, number: int) -> bool:
    connection.sendall(answer("500 Internal Server Error", {"error": "broken"}))
    return True


def forgets(connection: socket.socket, request: str, number: int) -> bool:
    if request.startswith("GET"):
        connection.sendall(answer("404 Not Found", {}))
        return True
    return sane(connection, request, number)


def mixes_up(connection: socket.socket, request: str, number: int) -> bool:
    if request.startswith("GET"):
        connection.sendall(answer("200 OK", {**session(), "id": "somebody else's"}))
        return True
    return sane(connection, request, number)


def never_answers(connection: socket.socket, request: str, number: int) -> bool:
    return True


@pytest.mark.parametrize(
    ("behave", "lost", "why"),
    [
        (hangs_up, True, "connection closed before any byte"),
        (half_a_body, True, "connection closed after 2 bytes of a body"),
        (errors, False, "answered 500 instead of 201"),
        (forgets, False, "answered 404 instead of 200"),
        (mixes_up, False, "somebody else's"),
        (never_answers, True, "no answer within 0.3 s"),
    ],
)
def test_what_goes_wrong_is_counted(behave: Behaviour, lost: bool, why: str) -> None:
    with server(behave) as port:
        options = ("--duration", "1", "--rate", "40", "--timeout", "0.3", "--close", "2")
        code, report, _ = load(f"http://127.0.0.1:{port}", *options)
    assert code == 1
    failed = report["failed"]
    assert isinstance(failed, int)
    assert failed > 0
    assert report["lost"] == (failed if lost else 0)
    first = report["first_failures"]
    assert isinstance(first, list)
    assert 1 <= len(first) <= 10
    assert why in first[0]["why"]


def test_a_server_that_is_not_there_is_a_loss() -> None:
    code, report, _ = load("http://127.0.0.1:1", "--duration", "0.5", "--rate", "20")
    assert code == 1
    assert report["lost"] == report["sent"]


def test_it_ends_at_the_stop_file_and_on_sigterm(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    report = tmp_path / "report.json"
    with server(sane) as port:
        for end in ("file", "signal"):
            stop.unlink(missing_ok=True)
            began = time.monotonic()
            running = subprocess.Popen(
                [
                    sys.executable,
                    str(LOAD),
                    f"http://127.0.0.1:{port}",
                    "--stop-file",
                    str(stop),
                    "--report",
                    str(report),
                    "--progress",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert running.stderr is not None
            assert "requests" in running.stderr.readline()
            if end == "file":
                stop.touch()
            else:
                running.send_signal(signal.SIGTERM)
            out, _ = running.communicate(timeout=15)
            assert running.returncode == 0, out
            assert time.monotonic() - began < 15
            assert json.loads(out) == json.loads(report.read_text())


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1",
        "http://0.0.0.0:80",
        "http://[2001:db8::1]:80",
        "https://127.0.0.1",
        "http://127.0.0.1/path",
        "http://127.0.0.1:99999",
        "ftp://127.0.0.1",
        "127.0.0.1:80",
    ],
)
def test_only_loopback_addresses_are_sent_to(url: str) -> None:
    code, report, error = load(url, "--duration", "0.1")
    assert code == 64
    assert report == {}
    assert error.startswith("load.py: ")

"""A small service in the place of one that is not written: it does with its variables what they are handed over for.

Every postgresql:// among them is opened and written to, every redis:// too, every http:// asked whether it lives; /health says
how that went, so that a container is healthy only if its roles, secrets, networks and order are right.
"""

import http.client
import json
import os
import time
import urllib.parse

import psycopg2
import redis

STARTED = time.time()
COUNT = {"200": 0, "503": 0}


def asked(name, value):
    if value.startswith("postgresql://"):
        with psycopg2.connect(value, connect_timeout=3) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO events (who) VALUES (session_user) RETURNING who")
            return cursor.fetchone()[0]
    if value.startswith("redis://"):
        client = redis.Redis.from_url(value, socket_timeout=3)
        client.set("standin:" + name, "1", ex=60)
        return client.execute_command("ACL", "WHOAMI").decode()
    if value.startswith("http://"):
        url = urllib.parse.urlsplit(value)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=3)
        connection.request("GET", "/live")
        status = connection.getresponse().status
        assert status == 200, f"{name} answers {status}"
        return status
    return None


def incidents():
    """What was told, the newest first."""
    with psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT what FROM incidents ORDER BY id DESC LIMIT 50")
        return [json.loads(row[0]) for row in cursor.fetchall()]


def opened(alert):
    """An alert becomes an incident: here, or where incidents are kept."""
    elsewhere = os.environ.get("INCIDENTS_URL")
    if elsewhere:
        url = urllib.parse.urlsplit(elsewhere)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=3)
        connection.request("POST", "/api/incidents", json.dumps(alert), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 201, f"incidents answer {answer.status}"
        return json.loads(answer.read())
    with psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO incidents (what) VALUES (%s) RETURNING id", [json.dumps(alert)])
        return {"incident": cursor.fetchone()[0]}


def health():
    if os.path.exists("sick"):
        return 503, {"status": "bad", "release": "sick"}
    found = {}
    for name, value in sorted(os.environ.items()):
        try:
            said = asked(name, value)
        except Exception as error:  # noqa: BLE001
            print(json.dumps({"severity": "ERROR", "message": f"{name}: {error}"}), flush=True)
            return 503, {"status": "bad", name: str(error)}
        if said is not None:
            found[name] = said
    return 200, {"status": "ok", "isolated": True, **found}


def metrics():
    lines = [f'http_requests_total{{status="{status}"}} {count}' for status, count in COUNT.items()]
    total = sum(COUNT.values())
    lines += [f'http_request_duration_seconds_bucket{{le="{le}"}} {total}' for le in ("0.3", "2", "+Inf")]
    lines += [f"http_request_duration_seconds_count {total}", f"http_request_duration_seconds_sum {total / 100}"]
    lines += ['incidents_open{severity="high"} 0', "incidents_created_total 0", f"process_start_time_seconds {STARTED}"]
    return "\n".join(lines) + "\n"


async def told(scope, receive):
    text, more = b"", True
    while more:
        part = await receive()
        text += part.get("body", b"")
        more = part.get("more_body", False)
    if scope["method"] == "POST":
        return 201, json.dumps(opened(json.loads(text))).encode()
    return 200, json.dumps(incidents()).encode()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    status, body, kind = 200, b'{"status":"ok"}', b"application/json"
    if path.endswith("/health") or "/health/" in path:
        status, found = health()
        body = json.dumps(found, separators=(",", ":")).encode()
    elif path in ("/api/alerts", "/api/incidents"):
        status, body = await told(scope, receive)
    elif path == "/metrics":
        body, kind = metrics().encode(), b"text/plain; version=0.0.4"
    COUNT["200" if status < 300 else "503"] += 1
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})

"""A steady, bounded load on the platform: creates sprints, reads them, advances them.

    python3 demo/load.py http://127.0.0.1:8080 --duration 30
    python3 demo/load.py http://127.0.0.1:8080 --stop-file /tmp/stop --progress

Some clients keep their connection, the others open one for each request. A request is lost when
it gets no complete answer; it has failed when it is lost, when the answer is a 5xx or when it is
not what the request asked for: a session that was answered 201 must be readable afterwards.
Nothing is sent twice. Ends at the time limit, when the stop file appears, or on SIGTERM or
SIGINT, and then prints one JSON object. Exit code: 0 nothing failed, 1 something failed,
64 wrong usage. Sends to loopback addresses only, and needs Python 3.11 and nothing else.
"""

import argparse
import asyncio
import ipaddress
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

TOPICS = (
    ("en", "Shorter queues at the help desk"),
    ("en", "A first week that newcomers remember"),
    ("en", "Fewer meetings without less agreement"),
    ("fr", "Réduire l'attente à l'accueil"),
    ("fr", "Mieux partager ce que chaque équipe apprend"),
)

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 4 * 1024 * 1024
SHOWN_FAILURES = 10


class UsageError(Exception):
    pass


class Lost(Exception):
    """No complete answer came."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Seen:
    """A version of the platform, by the header of its answers."""

    requests: int
    first_s: float
    last_s: float


@dataclass
class Tally:
    started: float = field(default_factory=time.monotonic)
    sent: int = 0
    failed: int = 0
    lost: int = 0
    reconnected: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_request: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    versions: dict[str, Seen] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def saw(self, version: str) -> None:
        at = round(self.elapsed(), 2)
        seen = self.versions.setdefault(version, Seen(0, at, at))
        seen.requests += 1
        seen.last_s = at

    def fail(self, request: str, why: str, version: str | None) -> None:
        self.failed += 1
        if len(self.failures) < SHOWN_FAILURES:
            at = round(self.elapsed(), 2)
            self.failures.append({"at_s": at, "request": request, "why": why, "version": version})

    def percentile(self, share: float) -> float | None:
        if not self.milliseconds:
            return None
        ordered = sorted(self.milliseconds)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    def report(self) -> dict[str, Any]:
        seconds = self.elapsed()
        return {
            "sent": self.sent,
            "failed": self.failed,
            "lost": self.lost,
            "seconds": round(seconds, 1),
            "per_second": round(self.sent / seconds, 1) if seconds else 0,
            "by_status": dict(sorted(self.by_status.items())),
            "by_request": dict(sorted(self.by_request.items())),
            "p50_ms": self.percentile(0.50),
            "p95_ms": self.percentile(0.95),
            "p99_ms": self.percentile(0.99),
            "max_ms": self.percentile(1.0),
            "reconnected": self.reconnected,
            "versions": {version: vars(seen) for version, seen in self.versions.items()},
            "first_failures": self.failures,
        }


def loopback_target(url: str) -> tuple[str, int, str]:
    """The address, port and Host header of a URL whose every address is a loopback one."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise UsageError(f"{url!r} is not an http:// URL")
    if parts.path.strip("/") or parts.query:
        raise UsageError(f"{url!r} has a path; give the base URL only")
    try:
        port = parts.port or 80
    except ValueError:
        raise UsageError(f"{url!r} has no valid port") from None
    name = parts.hostname
    if name.endswith(".localhost"):
        addresses = ["127.0.0.1"]  # RFC 6761: always loopback, whether the resolver knows or not.
    else:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise UsageError(f"{name} has no address: {error}") from None
        addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not ipaddress.ip_address(address).is_loopback:
            raise UsageError(f"{name} is {address}, not a loopback address: refused")
    # Among several loopback addresses the IPv4 one is where servers usually listen.
    chosen = next((a for a in addresses if "." in a), addresses[0])
    return chosen, port, parts.netloc.rpartition("@")[2]


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def closed_by_peer(self) -> bool:
        return self._reader.at_eof() or self._writer.is_closing()

    def close(self) -> None:
        self._writer.close()

    async def exchange(self, request: bytes) -> tuple[Answer, bool]:
        """Sends the request; the answer, and whether the connection may be used again."""
        self._writer.write(request)
        await self._writer.drain()
        while True:
            status, headers = await self._head()
            if status >= 200:
                break
        body, framed = await self._body(status, headers)
        usable = framed and headers.get("connection", "").lower() != "close"
        return Answer(status, headers, body), usable

    async def _head(self) -> tuple[int, dict[str, str]]:
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            got = "in the middle of the head" if error.partial else "before any byte of an answer"
            raise Lost(f"connection closed {got}") from None
        except asyncio.LimitOverrunError:
            raise Lost("the answer's head is too long") from None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise Lost(f"not an HTTP answer: {first[:60]!r}")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return int(words[1]), headers

    async def _body(self, status: int, headers: dict[str, str]) -> tuple[bytes, bool]:
        if status in (204, 304):
            return b"", True
        try:
            if headers.get("transfer-encoding", "").lower() == "chunked":
                return await self._chunks(), True
            if "content-length" in headers:
                length = int(headers["content-length"])
                if not 0 <= length <= MAX_BODY_BYTES:
                    raise Lost(f"the answer's length is {length}")
                return await self._reader.readexactly(length), True
            return await self._reader.read(MAX_BODY_BYTES), False
        except asyncio.IncompleteReadError as error:
            raise Lost(f"connection closed after {len(error.partial)} bytes of a body") from None
        except (ValueError, asyncio.LimitOverrunError):
            raise Lost("the answer's framing is broken") from None

    async def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
            if size == 0:
                while await self._reader.readuntil(b"\r\n") != b"\r\n":
                    pass
                return body
            if size < 0 or len(body) + size > MAX_BODY_BYTES:
                raise Lost("the answer is too long")
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)


class Client:
    """One user: sends a request, waits for its answer, then for its next turn."""

    def __init__(
        self,
        number: int,
        target: tuple[str, int, str],
        keep_alive: bool,
        timeout_seconds: float,
        tally: Tally,
    ) -> None:
        self._number = number
        self._address, self._port, self._host = target
        self._keep_alive = keep_alive
        self._timeout_seconds = timeout_seconds
        self._tally = tally
        self._connection: Connection | None = None

    async def run(self, interval: float, offset: float, stop: asyncio.Event) -> None:
        turn = time.monotonic() + offset
        plan = self._plan()
        while not await _stopped(stop, turn - time.monotonic()):
            await anext(plan)
            # A slow answer delays this client's later turns; it does not make it hurry after.
            turn = max(turn + interval, time.monotonic())
        if self._connection:
            self._connection.close()

    async def _plan(self) -> AsyncIterator[None]:
        """The user's story, one request at each step: create, read, advance, now and then list."""
        story = 0
        while True:
            story += 1
            language, topic = TOPICS[(self._number + story) % len(TOPICS)]
            created = await self._request(
                "create",
                "POST",
                "/api/sessions",
                {"topic": topic, "language": language, "participants": 2 + story % 8},
                partial(_session, status=201, key="topic", value=topic),
            )
            yield
            if created is None:
                continue
            path = f"/api/sessions/{created['id']}"
            session = created
            while True:
                read = await self._request(
                    "read",
                    "GET",
                    path,
                    None,
                    partial(_session, status=200, key="id", value=session["id"]),
                )
                yield
                if read is None or read["status"] != "active":
                    break
                advanced = await self._request(
                    "advance",
                    "POST",
                    f"{path}/advance",
                    None,
                    partial(_session, status=200, key="id", value=session["id"]),
                )
                yield
                if advanced is None:
                    break
                session = advanced
            if story % 3 == 0:
                await self._request("list", "GET", "/api/sessions?limit=5", None, _page)
                yield

    async def _request(
        self,
        name: str,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        understand: Callable[[Answer], dict[str, Any]],
    ) -> dict[str, Any] | None:
        """What the answer holds, or None when the request has failed."""
        tally = self._tally
        tally.sent += 1
        tally.by_request[name] += 1
        began = time.monotonic()
        version: str | None = None
        try:
            answer = await asyncio.wait_for(
                self._exchange(method, path, body), self._timeout_seconds
            )
            tally.milliseconds.append((time.monotonic() - began) * 1000)
            tally.by_status[str(answer.status)] += 1
            version = answer.headers.get("x-app-version")
            if version:
                tally.saw(version)
            return understand(answer)
        except (Lost, OSError, TimeoutError) as error:
            if self._connection:
                self._connection.close()
                self._connection = None
            tally.lost += 1
            tally.by_status["lost"] += 1
            why = f"no answer within {self._timeout_seconds:g} s"
            tally.fail(
                f"{method} {path}", why if isinstance(error, TimeoutError) else str(error), None
            )
        except ValueError as error:
            tally.fail(f"{method} {path}", str(error), version)
        return None

    async def _exchange(self, method: str, path: str, body: dict[str, Any] | None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        head = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self._host}",
            "Accept: application/json",
            f"Connection: {'keep-alive' if self._keep_alive else 'close'}",
        ]
        if method == "POST":
            head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        connection = self._connection
        if connection and connection.closed_by_peer:
            # Closed while nothing was under way: any client opens a new one.
            connection.close()
            connection = None
            self._tally.reconnected += 1
        self._connection = None
        if connection is None:
            connection = Connection(
                *await asyncio.open_connection(self._address, self._port, limit=MAX_HEAD_BYTES)
            )
        usable = False
        try:
            answer, usable = await connection.exchange(
                "\r\n".join([*head, "", ""]).encode() + content
            )
        finally:
            if usable and self._keep_alive:
                self._connection = connection
            else:
                connection.close()
        return answer


def _json(answer: Answer, status: int) -> dict[str, Any]:
    if answer.status != status:
        text = answer.body[:120].decode("utf-8", "replace")
        raise ValueError(f"answered {answer.status} instead of {status}: {text}")
    value = json.loads(answer.body)
    if not isinstance(value, dict):
        raise ValueError("the answer is not an object")
    return value


def _session(answer: Answer, status: int, key: str, value: str) -> dict[str, Any]:
    session = _json(answer, status)
    if session.get(key) != value:
        raise ValueError(f"the answer's {key} is {session.get(key)!r} instead of {value!r}")
    return session


def _page(answer: Answer) -> dict[str, Any]:
    page = _json(answer, 200)
    if not page.get("items"):
        raise ValueError("the list is empty although sessions were created")
    return page


async def _stopped(stop: asyncio.Event, within: float) -> bool:
    if stop.is_set() or within <= 0:
        await asyncio.sleep(0)
        return stop.is_set()
    try:
        await asyncio.wait_for(stop.wait(), within)
    except TimeoutError:
        return False
    return True


async def _watch(
    stop: asyncio.Event, tally: Tally, duration: float, stop_file: str | None, progress: bool
) -> None:
    last = 0
    next_line = 1.0
    while not stop.is_set():
        if tally.elapsed() >= duration or (stop_file and os.path.exists(stop_file)):
            stop.set()
        if progress and tally.elapsed() >= next_line:
            newest = max(tally.versions, key=lambda v: tally.versions[v].last_s, default="none")
            print(
                f"{tally.elapsed():6.1f} s  {tally.sent - last:4d} requests  {tally.failed} failed"
                f"  version {newest}",
                file=sys.stderr,
                flush=True,
            )
            last = tally.sent
            next_line += 1.0
        await _stopped(stop, 0.1)


async def load(options: argparse.Namespace) -> Tally:
    target = loopback_target(options.url)
    if options.host:
        target = (target[0], target[1], options.host)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tally = Tally()
    count = options.keep_alive + options.close
    interval = count / options.rate
    clients: list[Coroutine[None, None, None]] = [
        Client(i, target, i < options.keep_alive, options.timeout, tally).run(
            interval, interval * i / count, stop
        )
        for i in range(count)
    ]
    async with asyncio.TaskGroup() as group:
        group.create_task(
            _watch(stop, tally, options.duration, options.stop_file, options.progress)
        )
        for client in clients:
            group.create_task(client)
    return tally


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return parse


def _count(text: str) -> int:
    return int(_number(0, 200)(text))


def main() -> int:
    parser = argparse.ArgumentParser(description="A steady, bounded load on the platform.")
    parser.add_argument("url", help="base URL, on a loopback address")
    parser.add_argument("--keep-alive", type=_count, default=8, help="clients that keep theirs")
    parser.add_argument("--close", type=_count, default=4, help="clients with new connections")
    parser.add_argument("--rate", type=_number(1, 1000), default=200, help="requests a second")
    parser.add_argument("--duration", type=_number(0.1, 600), default=120, help="limit in seconds")
    parser.add_argument("--timeout", type=_number(0.1, 120), default=10, help="for an answer")
    parser.add_argument("--stop-file", help="ends when this file appears")
    parser.add_argument("--host", help="Host header, instead of the URL's")
    parser.add_argument("--report", help="also write the JSON report to this file")
    parser.add_argument("--progress", action="store_true", help="a line a second on stderr")
    options = parser.parse_args()
    try:
        if options.keep_alive + options.close == 0:
            raise UsageError("no clients: give --keep-alive or --close")
        tally = asyncio.run(load(options))
    except UsageError as error:
        print(f"load.py: {error}", file=sys.stderr)
        return 64
    text = json.dumps(tally.report(), indent=2, ensure_ascii=False)
    if options.report:
        # Written beside and moved, so that a reader never sees half of it.
        with open(options.report + ".part", "w") as file:
            file.write(text + "\n")
        os.replace(options.report + ".part", options.report)
    print(text)
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())

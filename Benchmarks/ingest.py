"""Alerts taken by `hauban serve` and by Debian's Alertmanager, 64 connections, bodies rendered beforehand.

Ours is on disk before it answers (SQLite, a synced log); theirs keeps alerts in memory and loses them when it is killed: the
comparison is uneven, in their favour. Rounds alternate; each round is measured after one that is thrown away.

`single` and `batch` tell 20,000 alerts again and again, 1 and 64 a request; `first` tells 19,968 new ones, 64 a request.
"""

import concurrent.futures
import contextlib
import json
import socket
import statistics
import threading
import time
import urllib.request

import measure as tools
from measure import HERE, Figure, World, memory_megabytes, output, processor_seconds, running

NAME = "ingest"
ALERTS = 20_000
ROUNDS = 3
SECONDS = 4


def measure(world: World) -> list[Figure]:
    version = next(word for word in output("prometheus-alertmanager", "--version").split() if word[0].isdigit())
    against = f"Alertmanager {version} in memory"
    figures = []
    with ours(world) as (our_url, our_process), theirs(world) as (their_url, their_process):
        contestants = [(our_url, our_process), (their_url, their_process)]
        idle = [memory_megabytes(process) for _, process in contestants]
        for scenario, size, goals in [("single", 1, (2.5, 1 / 3)), ("batch", 64, (15, None))]:
            file = bodies(world, scenario, size)
            seen = alternate(contestants, file, size)
            figures += compared(scenario, seen, against, goals)
        loaded = [memory_megabytes(process) for _, process in contestants]
        figures.append(
            Figure(
                f"{NAME}-memory-20000", loaded[0], loaded[1], "MB", against, goal=0.5, goal_is_ratio=True,
                details={"idle": idle},
            )
        )  # fmt: skip
        rates = [first_time(world, who, url) for who, (url, _) in enumerate(contestants)]
        figures.append(Figure(f"{NAME}-first-rate", rates[0], rates[1], "alerts/s", against, better="more"))
        lists = [listed(url) for url, _ in contestants]
        figures.append(Figure(f"{NAME}-list-all", lists[0][0], lists[1][0], "ms", against, details={"bytes": lists}))
    return figures


def compared(scenario: str, seen: list[list[dict]], against: str, goals: tuple) -> list[Figure]:
    def median(who: int, what: str) -> float:
        return statistics.median(each[what] for each in seen[who])

    details = {"ours": seen[0], "theirs": seen[1]}
    return [
        Figure(
            f"{NAME}-{scenario}-rate", median(0, "rate"), median(1, "rate"), "alerts/s", against, better="more",
            goal=goals[0], goal_is_ratio=True, details=details,
        ),
        Figure(
            f"{NAME}-{scenario}-cpu", median(0, "cpu"), median(1, "cpu"), "us/alert", against, goal=goals[1],
            goal_is_ratio=True,
        ),
        Figure(
            f"{NAME}-{scenario}-p99", median(0, "p99"), median(1, "p99"), "ms", against, goal=1 / 3, goal_is_ratio=True
        ),
    ]  # fmt: skip


def alternate(contestants: list, file, size: int) -> list[list[dict]]:
    seen: list[list[dict]] = [[], []]
    for turn in range(ROUNDS + 1):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for who in order:
            url, process = contestants[who]
            before = processor_seconds(process)
            result = wrk(url, file, SECONDS)
            alerts = result["requests"] * size
            round_ = {
                "rate": alerts / result["seconds"], "cpu": (processor_seconds(process) - before) / alerts * 1e6,
                "p50": result["p50"], "p99": result["p99"],
            }  # fmt: skip
            if turn > 0:
                seen[who].append(round_)
    return seen


def wrk(url: str, file, seconds: int) -> dict:
    script = str(HERE / "ingest.lua")
    command = ["wrk", "-t1", "-c64", "--timeout=30s", f"-d{seconds}s", "-s", script, url, "--", str(file)]
    said = output(*command)
    result = json.loads(said.rsplit("RESULT ", 1)[1])
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} of {result['requests']} requests to {url} failed: {said}")
    return result


def bodies(world: World, name: str, size: int, count: int = ALERTS):
    """A file with a body a line; the same alerts for every size."""
    file = world.folder / f"{name}.{size}.bodies"
    if not file.exists():
        with file.open("w") as out:
            for start in range(0, count, size):
                out.write(json.dumps([alert(name, n) for n in range(start, start + size)]) + "\n")
    return file


def alert(kind: str, n: int) -> dict:
    kind = kind if kind.startswith("first") else "known"
    return {
        "labels": {
            "alertname": f"HighLatency{n % 50}", "cluster": "eu-west-1", "instance": f"10.0.{n // 250}.{n % 250}:9100",
            "job": "api", "kind": kind, "service": f"service-{n % 200}", "severity": "warning",
        },
        "annotations": {
            "description": f"The 99th percentile of service-{n % 200} has been above its objective for ten minutes.",
            "summary": "p99 above 2 s",
        },
        "generatorURL": f"http://prometheus:9090/graph?g0.expr=latency%3E2&g0.tab=1&n={n}",
    }  # fmt: skip


def first_time(world: World, who: int, url: str) -> float:
    """Each body once, from 16 threads."""
    count = ALERTS // 64 * 64
    host, port = url.removeprefix("http://").split(":")
    requests = [
        f"POST /api/v2/alerts HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(line)}\r\n\r\n{line}".encode()
        for line in bodies(world, f"first{who}", 64, count).read_text().splitlines()
    ]
    left = iter(requests)
    lock = threading.Lock()

    def work(_: int) -> int:
        done = 0
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            while True:
                with lock:
                    request = next(left, None)
                if request is None:
                    return done
                connection.sendall(request)
                answer = b""
                while not answer.endswith(b"\r\n\r\n"):
                    answer += connection.recv(4096) or b"gone\r\n\r\n"
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"{url} answered {answer!r}")
                done += 1

    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        done = sum(pool.map(work, range(16)))
    if done != len(requests):
        raise RuntimeError(f"{url} took {done} of {len(requests)} requests")
    return count / (time.perf_counter() - start)


def listed(url: str) -> tuple[float, int]:
    times = []
    size = 0
    for _ in range(5):
        start = time.perf_counter()
        with urllib.request.urlopen(url + "/api/v2/alerts", timeout=60) as answer:
            size = len(answer.read())
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), size


@contextlib.contextmanager
def ours(world: World):
    (port,) = tools.free_ports(1)
    command = [
        world.hauban, "serve", "--listen", f"127.0.0.1:{port}", "--data", str(world.folder / "data"),
        "--resolve-timeout", "3600",
    ]  # fmt: skip
    with running(command, world.folder / "ours.log") as process:
        tools.wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}", process.pid


@contextlib.contextmanager
def theirs(world: World):
    (port,) = tools.free_ports(1)
    config = world.folder / "alertmanager.yml"
    config.write_text(
        "global: {resolve_timeout: 1h}\nroute: {receiver: none, group_by: [alertname]}\nreceivers: [{name: none}]\n"
    )
    command = [
        "prometheus-alertmanager", f"--config.file={config}", f"--storage.path={world.folder / 'theirs'}",
        "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
    ]  # fmt: skip
    with running(command, world.folder / "theirs.log") as process:
        tools.wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}", process.pid

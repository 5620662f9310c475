"""From an alert to the message, memory by the number of alerts, a storm, and the console's pages: `hauban serve` and Debian's
Alertmanager.

Ours is on disk before it answers and before it tells anybody; theirs keeps alerts in memory.
"""

import concurrent.futures
import contextlib
import http.cookiejar
import json
import pathlib
import re
import socket
import socketserver
import statistics
import threading
import time
import urllib.parse
import urllib.request

import ingest
import measure as tools
from measure import Figure, World, held_megabytes, memory_megabytes, output, processor_seconds, running

NAME = "paging"
ROUNDS = 3
RATE = 50
SECONDS = 4
STORM = 20_000
STORM_SECONDS = 60


def measure(world: World) -> list[Figure]:
    version = next(word for word in output("prometheus-alertmanager", "--version").split() if word[0].isdigit())
    against = f"Alertmanager {version} in memory"
    return told(world, against) + storm(world, against) + memory(world, against) + pages(world)


class Sink:
    """Takes webhooks, and knows when each name came first and how many messages there were."""

    def __init__(self):
        self.came: dict[str, float] = {}
        self.messages = 0
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self):
                while self.rfile.readline():
                    length = 0
                    while (line := self.rfile.readline().strip().lower()) != b"":
                        if line.startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    body = self.rfile.read(length)
                    now = time.perf_counter()
                    sink.messages += 1
                    for name in re.findall(rb"probe-\d+-\d+", body):
                        sink.came.setdefault(name.decode(), now)
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


PLATFORM = """
hauban: 1
platform: bench
owner: {{team: all, oncall: watch}}
people: {{ana: {{phone: "+33612345678"}}}}
teams:
  all: {{people: [ana], channels: ["webhook:sink"]}}
oncall:
  watch:
    rotation: {{every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana]}}
    escalate: [{{after: 0s, to: all}}]
routes:
  all: {{match: {{job: api}}, to: watch, group: [alertname], join: false}}
notify:
  sms: {{url: "http://127.0.0.1:{port}/", body: '{{"text":"${{text}}"}}'}}
  webhooks: {{sink: {{url: "http://127.0.0.1:{port}/"}}}}
services: {{api: {{source: ., run: sleep 1000}}}}
environments: {{dev: {{target: local}}}}
"""


@contextlib.contextmanager
def ours(world: World, name: str, sink: Sink):
    (port,) = tools.free_ports(1)
    folder = world.folder / name
    folder.mkdir()
    (folder / "hauban.yaml").write_text(PLATFORM.format(port=sink.port))
    command = [
        world.hauban, "serve", "--file", str(folder / "hauban.yaml"), "--env", "dev",
        "--listen", f"127.0.0.1:{port}", "--data", str(folder / "data"),
    ]  # fmt: skip
    with running(command, folder / "log") as process:
        tools.wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}", process.pid


@contextlib.contextmanager
def theirs(world: World, name: str, sink: Sink):
    (port,) = tools.free_ports(1)
    folder = world.folder / name
    folder.mkdir()
    (folder / "alertmanager.yml").write_text(
        "global: {resolve_timeout: 1h}\n"
        "route: {receiver: sink, group_by: [alertname], group_wait: 0s}\n"
        f"receivers: [{{name: sink, webhook_configs: [{{url: 'http://127.0.0.1:{sink.port}/'}}]}}]\n"
    )
    command = [
        "prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
        "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
    ]  # fmt: skip
    with running(command, folder / "log") as process:
        tools.wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}", process.pid


class Sender:
    """One kept connection."""

    def __init__(self, url: str):
        host, port = url.removeprefix("http://").split(":")
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, alerts: list[dict]):
        body = json.dumps(alerts)
        head = f"POST /api/v2/alerts HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        self.connection.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.connection.recv(4096) or b"gone\r\n\r\n"
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"answered {answer!r}")


def told(world: World, against: str) -> list[Figure]:
    """Each alert is a cause of its own, told by webhook at once; the time from before it is sent to the message's arrival."""
    sinks = [Sink(), Sink()]
    seen: list[list[float]] = [[], []]
    cpu: list[list[float]] = [[], []]
    with ours(world, "told.ours", sinks[0]) as one, theirs(world, "told.theirs", sinks[1]) as other:
        contestants = [one, other]
        for turn in range(ROUNDS + 1):
            for who in (0, 1) if turn % 2 == 0 else (1, 0):
                url, process = contestants[who]
                sender = Sender(url)
                sent = {}
                before = processor_seconds(process)
                start = time.perf_counter()
                for number in range(RATE * SECONDS):
                    time.sleep(max(0, start + number / RATE - time.perf_counter()))
                    name = f"probe-{turn}-{number}"
                    alert = ingest.alert("probe", number)
                    alert["labels"]["alertname"] = name
                    sent[name] = time.perf_counter()
                    sender.post([alert])
                end = time.monotonic() + 60
                while time.monotonic() < end and not sent.keys() <= sinks[who].came.keys():
                    time.sleep(0.02)
                if not sent.keys() <= sinks[who].came.keys():
                    raise RuntimeError(f"{url} told of {len(sinks[who].came)} of {len(sent)}")
                if turn > 0:
                    seen[who] += [(sinks[who].came[name] - at) * 1000 for name, at in sent.items()]
                    cpu[who].append((processor_seconds(process) - before) / len(sent) * 1e6)
    for sink in sinks:
        sink.close()
    quantiles = [statistics.quantiles(each, n=100) for each in seen]
    details = {"messages": [sink.messages for sink in sinks], "alerts": [len(each) for each in seen]}
    return [
        Figure(f"{NAME}-webhook-p50", quantiles[0][49], quantiles[1][49], "ms", against, details=details),
        Figure(f"{NAME}-webhook-p99", quantiles[0][98], quantiles[1][98], "ms", against, goal=10),
        Figure(
            f"{NAME}-webhook-cpu", statistics.median(cpu[0]), statistics.median(cpu[1]), "us/alert", against,
        ),
    ]  # fmt: skip


def storm(world: World, against: str) -> list[Figure]:
    """20,000 distinct alerts of one cause in one minute, one a request, to both in the same minute."""
    sinks = [Sink(), Sink()]
    with ours(world, "storm.ours", sinks[0]) as one, theirs(world, "storm.theirs", sinks[1]) as other:
        before = [processor_seconds(process) for _, process in (one, other)]

        def send(contestant) -> float:
            sender = Sender(contestant[0])
            slowest = 0.0
            start = time.perf_counter()
            for number in range(STORM):
                time.sleep(max(0, start + number * STORM_SECONDS / STORM - time.perf_counter()))
                alert = ingest.alert("probe", number)
                alert["labels"] |= {"alertname": "Down", "service": "api", "severity": "critical"}
                at = time.perf_counter()
                sender.post([alert])
                slowest = max(slowest, time.perf_counter() - at)
            return slowest * 1000

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            slowest = list(pool.map(send, (one, other)))
        seconds = [processor_seconds(process) - then for (_, process), then in zip((one, other), before)]
        peaks = [peak_megabytes(process) for _, process in (one, other)]
    for sink in sinks:
        sink.close()
    if not all(sink.messages for sink in sinks):
        raise RuntimeError("a storm of which nobody was told")
    return [
        Figure(f"{NAME}-storm-memory", peaks[0], peaks[1], "MB", against, goal=150, details={"slowest_ms": slowest}),
        Figure(f"{NAME}-storm-cpu", seconds[0], seconds[1], "s", against),
        Figure(f"{NAME}-storm-messages", sinks[0].messages, sinks[1].messages, "messages", against, goal=1),
    ]


def peak_megabytes(process: int) -> float:
    """The most memory that the process ever had (VmHWM)."""
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def fill(url: str, numbers: range, change=lambda number, labels: None):
    """Posts these alerts, 64 a request, from four threads."""
    starts = iter(numbers[::64])
    lock = threading.Lock()

    def work(_: int):
        sender = Sender(url)
        while True:
            with lock:
                start = next(starts, None)
            if start is None:
                return
            alerts = [ingest.alert("known", number) for number in range(start, min(start + 64, numbers.stop))]
            for number, alert in zip(range(start, numbers.stop), alerts):
                change(number, alert["labels"])
            sender.post(alerts)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def memory(world: World, against: str) -> list[Figure]:
    """At rest, some seconds after the last alert came."""
    figures = []
    with ingest.ours(world) as one, ingest.theirs(world) as other:
        known = 0
        for count in (0, 10_000, 100_000):
            for url, _ in (one, other):
                fill(url, range(known, count), lambda number, labels: labels.update(instance=f"host-{number}"))
            known = count
            time.sleep(3)
            for what, read in [("memory", memory_megabytes), ("memory-held", held_megabytes)]:
                ours_, theirs_ = (read(process) for _, process in (one, other))
                figures.append(
                    Figure(
                        f"{NAME}-{what}-{count or 'idle'}", ours_, theirs_, "MB", against, goal=0.5, goal_is_ratio=True
                    )
                )  # fmt: skip
    return figures


def pages(world: World) -> list[Figure]:
    """The console's lists with 100,000 alerts and 10,000 open incidents; medians of nine."""
    sink = Sink()
    figures = []
    with ours(world, "pages", sink) as (url, _):

        def cause(number: int, labels: dict):
            labels.update(instance=f"host-{number}", alertname=f"Cause{number % 10_000}", job="silent")
            labels["service"] = f"service-{number % 10_000}"

        fill(url, range(100_000), cause)
        browser = signed_in(url, (world.folder / "pages" / "log").read_text())
        for name, path in [("overview", "/"), ("incidents", "/incidents?state=all"), ("alerts", "/alerts")]:
            times = []
            for _ in range(10):
                start = time.perf_counter()
                with browser.open(url + path, timeout=60) as answer:
                    body = answer.read().decode()
                    if answer.status != 200 or answer.url != url + path:
                        raise RuntimeError(f"{path} led to {answer.url}")
                times.append((time.perf_counter() - start) * 1000)
            figures.append(
                Figure(
                    f"{NAME}-page-{name}", statistics.median(times[1:]), None, "ms", "-", goal=200,
                    details={"times": times, "bytes": len(body)},
                )
            )  # fmt: skip
    sink.close()
    return figures


def signed_in(url: str, log: str) -> urllib.request.OpenerDirector:
    """A browser of the first administrator, who comes by the link of the first start."""
    token = re.search(r"/set-up\?token=(\S+)", log)
    if not token:
        raise RuntimeError(f"no link for the first administrator: {log}")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    password = "correct-horse-battery-staple-9"
    form = {"token": token[1], "name": "ana", "password": password, "again": password}
    request = urllib.request.Request(
        url + "/set-up", urllib.parse.urlencode(form).encode(), {"Origin": url, "Sec-Fetch-Site": "same-origin"}
    )
    browser.open(request, timeout=60).read()
    return browser

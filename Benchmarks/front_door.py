"""The front door against nginx as the reverse proxy of the same service, 64 connections that stay open, on loopback."""

import http.client
import json
import re
import statistics
import subprocess

import measure as tools
from measure import HERE, Figure, World

NAME = "front-door"
CONNECTIONS = 64
SECONDS = 6
ROUNDS = 4


def measure(world: World) -> list[Figure]:
    upstream, nginx_port, door_port = tools.free_ports(3)
    places = {"UPSTREAM": upstream, "PORT": nginx_port, "WORKERS": tools.CORES}
    with (
        nginx(world, "upstream", "front_door.upstream.conf", places) as service,
        nginx(world, "nginx", "front_door.nginx.conf", places) as peer,
        front_door(world, upstream, door_port) as door,
    ):
        for port, process in [(upstream, service), (nginx_port, peer), (door_port, door)]:
            tools.wait_for_port(port, process)
        contestants = {"ours": (door, door_port), "peer": (peer, nginx_port)}
        for name, (_, port) in contestants.items():
            same_answer(name, port)
            wrk(port, seconds=2)
        rounds: dict[str, list[dict]] = {"ours": [], "peer": []}
        for turn in range(ROUNDS):
            for name in ["ours", "peer"] if turn % 2 == 0 else ["peer", "ours"]:
                rounds[name].append(round_of(*contestants[name]))
        memory = {name: tools.memory_megabytes(process.pid) for name, (process, _) in contestants.items()}
    return figures(rounds, memory)


def figures(rounds: dict, memory: dict) -> list[Figure]:
    against = "nginx " + tools.output("nginx", "-v").rsplit("/", 1)[1].strip()
    details = {"connections": CONNECTIONS, "seconds": SECONDS, "rounds": rounds}

    def figure(name: str, key: str, unit: str, better: str = "less") -> Figure:
        ours, peer = (statistics.median(each[key] for each in rounds[side]) for side in ("ours", "peer"))
        return Figure(f"{NAME}-{name}", ours, peer, unit, against, better, details=details)

    return [
        figure("requests", "requests_per_second", "requests/s", better="more"),
        figure("p50", "p50_ms", "ms"),
        figure("p99", "p99_ms", "ms"),
        figure("cpu", "cpu_us_per_request", "us/request"),
        Figure(f"{NAME}-memory", memory["ours"], memory["peer"], "MB", against),
    ]


def nginx(world: World, name: str, template: str, places: dict):
    folder = world.folder / name
    folder.mkdir()
    text = (HERE / template).read_text()
    for place, value in places.items():
        text = text.replace(f"@{place}@", str(value))
    (folder / "nginx.conf").write_text(text)
    return tools.running(["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"], world.folder / f"{name}.log")


def front_door(world: World, upstream: int, port: int):
    """Starts with this configuration, as one that was killed does."""
    state = world.folder / "front-door.json"
    state.write_text(
        json.dumps(
            {
                "generation": 1,
                "listeners": [{"name": "public", "host": "127.0.0.1", "port": port, "scope": "public"}],
                "routes": [{"path": "/", "service": "api"}],
                "services": {"api": {"releases": [{"release": "r1", "upstreams": [{"port": upstream}]}]}},
            }
        )
    )
    command = [world.hauban, "front-door", "--state", str(state), "--control", str(world.folder / "door.sock")]
    return tools.running(command, world.folder / "front-door.log")


def same_answer(name: str, port: int) -> None:
    """Who answers something else is no contestant."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/api/orders/1042")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200 or b'"confirmed"' not in body or not answer.getheader("X-Request-Id"):
        raise RuntimeError(f"{name} answers {answer.status} {answer.getheaders()} {body[:200]!r}")


def round_of(process: subprocess.Popen, port: int) -> dict:
    before = tools.processor_seconds(process.pid)
    result = wrk(port, SECONDS)
    used = tools.processor_seconds(process.pid) - before
    return result | {"cpu_us_per_request": used * 1e6 / result["requests"], "cpu_cores": used / SECONDS}


def wrk(port: int, seconds: int) -> dict:
    # As many threads as cores, each with half of the connections; both share the cores with what they load.
    text = tools.output(
        "wrk", f"-t{min(2, tools.CORES)}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "5s",
        f"http://127.0.0.1:{port}/api/orders/1042",
    )  # fmt: skip
    if "Socket errors" in text or "Non-2xx" in text:
        raise RuntimeError(f"requests failed:\n{text}")
    return {
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        "requests": int(re.search(r"(\d+) requests in", text)[1]),
        "p50_ms": milliseconds(re.search(r"50%\s+([\d.]+\w+)", text)[1]),
        "p99_ms": milliseconds(re.search(r"99%\s+([\d.]+\w+)", text)[1]),
    }


def milliseconds(text: str) -> float:
    amount, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

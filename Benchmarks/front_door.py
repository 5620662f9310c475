"""The front door against nginx, Caddy and HAProxy as the reverse proxy of the same service, 64 connections that stay open, on
loopback."""

import http.client
import json
import os
import re
import statistics
import subprocess

import measure as tools
from measure import Figure, Load, World

NAME = "front-door"
CONNECTIONS = 64
ROUNDS = 4
# Of a round at full speed, and of a round at a constant rate, whose first second is not counted.
SECONDS = 4
PACED_SECONDS = 5
PATH = "/api/orders/1042"


def measure(world: World) -> list[Figure]:
    upstream, *ports = tools.free_ports(5)
    contestants = dict(zip(["ours", "nginx", "caddy", "haproxy"], ports))
    with nginx(world, "upstream", "front_door.upstream.conf", {"UPSTREAM": upstream}) as service:
        tools.wait_for_port(upstream, service)
        with (
            front_door(world, upstream, contestants["ours"]) as ours,
            nginx(world, "nginx", "front_door.nginx.conf", places(upstream, contestants["nginx"])) as first,
            caddy(world, places(upstream, contestants["caddy"])) as second,
            haproxy(world, places(upstream, contestants["haproxy"])) as third,
        ):
            processes = dict(zip(contestants, [ours, first, second, third]))
            for name, port in contestants.items():
                tools.wait_for_port(port, processes[name])
                same_answer(name, port)
                wrk(port, seconds=2)
            full = in_turns(contestants, lambda name, port: at_full_speed(processes[name], port))
            paced = {}
            # Half of nginx's peak is more than Caddy can take, so that its queue grows; half of Caddy's is easy for all.
            for pace in ["nginx", "caddy"]:
                rate = median(full[pace], "requests_per_second") / 2
                paced[pace] = in_turns(contestants, lambda name, port: at_rate(world, processes[name], port, rate))
            memory = {name: tools.memory_megabytes(process.pid) for name, process in processes.items()}
    return figures(full, paced, memory)


def places(upstream: int, port: int) -> dict:
    return {"UPSTREAM": upstream, "PORT": port, "WORKERS": tools.CORES}


def in_turns(contestants: dict[str, int], measured) -> dict[str, list[dict]]:
    """Each round in another order, so that what comes before whom changes."""
    rounds: dict[str, list[dict]] = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(ROUNDS):
        order = names[turn % len(names) :] + names[: turn % len(names)]
        for name in order if turn % 2 == 0 else reversed(order):
            rounds[name].append(measured(name, contestants[name]))
    return rounds


def median(rounds: list[dict], key: str) -> float:
    return statistics.median(each[key] for each in rounds)


def figures(full: dict, paced: dict, memory: dict) -> list[Figure]:
    versions = {
        "nginx": tools.output("nginx", "-v").rsplit("/", 1)[1].strip(),
        "caddy": tools.output("caddy", "version").split()[0],
        "haproxy": re.search(r"version (\d[\w.]*)", tools.output("haproxy", "-v"))[1],
    }
    details = {"connections": CONNECTIONS, "full_speed": full, "at_half_of": paced, "memory_mb": memory}

    found = []
    for peer, version in versions.items():
        against = f"{peer} {version}"

        def figure(name: str, rounds: dict, key: str, unit: str, better: str = "less", goal: float | None = None):
            return Figure(
                f"{NAME}-{name}-{peer}", median(rounds["ours"], key), median(rounds[peer], key), unit, against, better,
                goal, goal_is_ratio=True, details=details,
            )  # fmt: skip

        wanted = {"caddy": 1.0, "nginx": 0.7}.get(peer)
        found += [
            figure("requests", full, "requests_per_second", "requests/s", "more", wanted),
            figure("p50", paced["nginx"], "p50_ms", "ms"),
            figure("p99", paced["nginx"], "p99_ms", "ms", goal=1.0 if peer == "caddy" else None),
            figure("p99-easy", paced["caddy"], "p99_ms", "ms", goal=1.0 if peer == "caddy" else None),
            figure("cpu", full, "cpu_us_per_request", "us/request"),
            Figure(f"{NAME}-memory-{peer}", memory["ours"], memory[peer], "MB", against, details=details),
        ]
    return found


# MARK: The contestants


def nginx(world: World, name: str, template: str, values: dict):
    folder = world.folder / name
    world.rendered(template, folder, values, "nginx.conf")
    command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    tools.output(*command, "-t")
    return tools.running(command, world.folder / f"{name}.log")


def caddy(world: World, values: dict):
    file = str(world.rendered("front_door.caddy", world.folder / "caddy", values, "Caddyfile"))
    environment = dict(os.environ) | {"GOMAXPROCS": str(tools.CORES), "HOME": str(world.folder)}
    tools.output("caddy", "validate", "--adapter", "caddyfile", "--config", file, env=environment)
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", file]
    return tools.running(command, world.folder / "caddy.log", environment)


def haproxy(world: World, values: dict):
    file = str(world.rendered("front_door.haproxy.cfg", world.folder / "haproxy", values, "haproxy.cfg"))
    tools.output("haproxy", "-c", "-f", file)
    return tools.running(["haproxy", "-db", "-f", file], world.folder / "haproxy.log")


def front_door(world: World, upstream: int, port: int, name: str = "front-door", below: list[str] = [], **more):
    """Starts with this configuration, as one that was killed does.

    `below` is a program that runs it, and `more` is added to the configuration.
    """
    state = world.folder / f"{name}.json"
    state.write_text(
        json.dumps(
            {
                "generation": 1,
                "listeners": [{"name": "public", "host": "127.0.0.1", "port": port, "scope": "public"}],
                "routes": [{"path": "/", "service": "api"}],
                "services": {"api": {"releases": [{"release": "r1", "upstreams": [{"port": upstream}]}]}},
            }
            | more
        )
    )
    command = [*below, world.hauban, "front-door", "--state", str(state), "--control", str(world.folder / f"{name}.sock")]
    return tools.running(command, world.folder / f"{name}.log")


def same_answer(name: str, port: int) -> None:
    """Who answers something else is no contestant."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", PATH)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200 or b'"confirmed"' not in body or not answer.getheader("X-Request-Id"):
        raise RuntimeError(f"{name} answers {answer.status} {answer.getheaders()} {body[:200]!r}")


# MARK: A round


def at_full_speed(process: subprocess.Popen, port: int) -> dict:
    before = tools.processor_seconds(process.pid)
    result = wrk(port, SECONDS)
    used = tools.processor_seconds(process.pid) - before
    return result | {"cpu_us_per_request": used * 1e6 / result["requests"], "cpu_cores": used / SECONDS}


def at_rate(world: World, process: subprocess.Popen, port: int, rate: float) -> dict:
    before = tools.processor_seconds(process.pid)
    load = Load(world, [f"{port}{PATH}"], rate, connections=CONNECTIONS, seconds=PACED_SECONDS, warm=1)
    result = load.result()
    used = tools.processor_seconds(process.pid) - before
    if result["failed"]:
        raise RuntimeError(f"requests failed: {result}")
    return {
        "rate": rate,
        "p50_ms": result["latency_ms"]["p50"],
        "p99_ms": result["latency_ms"]["p99"],
        "cpu_us_per_request": used * 1e6 / (rate * PACED_SECONDS),
        "load": result,
    }


def wrk(port: int, seconds: int) -> dict:
    # As many threads as cores, each with half of the connections; both share the cores with what they load.
    text = tools.output(
        "wrk", f"-t{min(2, tools.CORES)}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "5s",
        f"http://127.0.0.1:{port}{PATH}",
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

"""The same release of the same three services three ways: `hauban deploy`, `docker-compose up -d` recreating the containers,
and a script that starts the new, reloads nginx and stops the old."""

import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import tarfile
import time

import measure as tools
from measure import CORES, HERE, Figure, Load, Request, World
from small_platform import SmallPlatform

NAME = "compare-release"
SERVICES = ["api", "web", "mailer"]
RELEASES = 5
# Requests a second over the three services, from clients that keep their connection, and from clients that do not.
KEPT_RATE = 600
CLOSED_RATE = 300
# Between reload and stop, in the script of those who know that the reload answers before it is done.
PAUSE = 2


def measure(world: World) -> list[Figure]:
    contestants = {"hauban": with_hauban, "compose": with_compose, "script": with_script, "patient": with_patient}
    seen: dict[str, list[dict]] = {}
    # One after another: a Docker engine that idles beside the others would cost them.
    for name, contestant in contestants.items():
        with contestant(world) as (targets, ship):
            seen[name] = [release(world, targets, ship, number) for number in range(2, 2 + RELEASES)]
    compose = "docker-compose " + tools.output("docker-compose", "version", "--short").strip()
    script = "start, nginx -s reload, stop"
    return figures(seen, {"compose": compose, "script": script, "patient": f"the same, {PAUSE} s before the stop"})


def figures(seen: dict[str, list[dict]], names: dict[str, str]) -> list[Figure]:
    def total(who: str, key: str) -> float:
        return sum(each[key] for each in seen[who])

    found = []
    for peer, against in names.items():
        requests = f"{against}, {RELEASES} releases, {total('hauban', 'requests'):.0f} requests"
        found += [
            Figure(f"{NAME}-failed-{peer}", total("hauban", "failed"), total(peer, "failed"), "requests", requests,
                   goal=0, details=seen),
            Figure(f"{NAME}-dark-{peer}", median(seen["hauban"], "dark"), median(seen[peer], "dark"), "s/release",
                   against, goal=0),
            Figure(f"{NAME}-seconds-{peer}", median(seen["hauban"], "seconds"), median(seen[peer], "seconds"), "s",
                   against),
        ]  # fmt: skip
    return found


def median(releases: list[dict], key: str) -> float:
    return statistics.median(each[key] for each in releases)


def release(world: World, targets: list[str], ship, number: int) -> dict:
    loads = [
        Load(world, targets, rate, log=True, connections=30, close=closed)
        for closed, rate in [(False, KEPT_RATE), (True, CLOSED_RATE)]
    ]
    try:
        time.sleep(1)
        began = time.monotonic()
        ship(number)
        took = time.monotonic() - began
        time.sleep(1.5)
    finally:
        results = [load.stop() for load in loads]
    requests = sorted((request for load in loads for request in load.requests()), key=lambda request: request.sent)
    last = {request.target: request.release for request in requests if not request.failed}
    if set(last.values()) != {number}:
        raise RuntimeError(f"release {number} was shipped, and {last} answers")
    return {
        "requests": len(requests),
        "failed": sum(result["failed"] for result in results),
        "failures": {kind: sum(result["failures"][kind] for result in results) for kind in results[0]["failures"]},
        "dark": sum(dark(requests, target) for target in range(len(targets))),
        "seconds": took,
    }


def dark(requests: list[Request], target: int) -> float:
    """Seconds without an answer of a service: from each request that failed to the sending of the next one that did not."""
    total = 0.0
    since = None
    own = [request for request in requests if request.target == target]
    for request in own:
        if request.failed:
            since = request.sent if since is None else since
        elif since is not None:
            total += request.sent - since
            since = None
    return total + (own[-1].sent - since if since is not None else 0)


# MARK: hauban


@contextlib.contextmanager
def with_hauban(world: World):
    with SmallPlatform(world, SERVICES, watch="2s") as platform:

        def ship(number: int) -> None:
            platform.write(number)
            platform.deploy()

        ship(1)
        port = platform.port
        yield [f"{port}/{name}" for name in SERVICES], ship


# MARK: The script


@contextlib.contextmanager
def with_script(world: World, pause: int = 0):
    folder = world.folder / f"script-{pause}"
    (port,) = tools.free_ports(1)
    world.rendered("compare_release.nginx.conf", folder, {"PORT": port, "WORKERS": CORES}, "nginx.conf")

    def ship(number: int) -> None:
        first = 20_000 + number * 10 + pause * 100
        tools.output(
            str(HERE / "compare_release.script.sh"), str(folder), str(number), str(first), world.compiled("service"),
            str(pause), *SERVICES,
        )  # fmt: skip

    try:
        ship(1)
        command = ["nginx", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
        tools.output(*command, "-t")
        with tools.running(command, folder / "log") as process:
            tools.wait_for_port(port, process)
            yield [f"{port}/{name}" for name in SERVICES], ship
    finally:
        for each in folder.glob("*.pid"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(int(each.read_text()), signal.SIGTERM)


def with_patient(world: World):
    return with_script(world, PAUSE)


# MARK: Compose


@contextlib.contextmanager
def with_compose(world: World):
    folder = world.folder / "compose"
    folder.mkdir()
    ports = tools.free_ports(len(SERVICES))
    with docker(world) as environment:
        import_image(world, environment)

        def ship(number: int) -> None:
            lines = []
            for name, port in zip(SERVICES, ports):
                lines += [
                    f"  {name}:",
                    "    image: bench-service",
                    f'    environment: {{RELEASE: "{number}", HOST: "0.0.0.0"}}',
                    f'    ports: ["127.0.0.1:{port}:8000"]',
                ]
            file = world.rendered(
                "compare_release.compose.yml", folder, {"SERVICES": "\n".join(lines)}, "docker-compose.yml"
            )
            tools.output("docker-compose", "-p", "bench", "-f", str(file), "up", "-d", env=environment)

        try:
            ship(1)
            for port in ports:
                until_answered(port)
            yield [f"{port}/{name}" for name, port in zip(SERVICES, ports)], ship
        finally:
            command = ["docker-compose", "-p", "bench", "-f", str(folder / "docker-compose.yml"), "down", "-t", "2"]
            subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)


def import_image(world: World, environment: dict) -> None:
    """An image of the service alone, as small as one can be."""
    archive = world.folder / "image.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(world.compiled("service"), "service")
    change = 'ENTRYPOINT ["/service", "8000"]'
    tools.output("docker", "import", "--change", change, str(archive), "bench-service", env=environment)


@contextlib.contextmanager
def docker(world: World):
    """An engine of our own, with everything of it in the benchmark's folder."""
    folder = world.folder / "docker"
    folder.mkdir()
    socket = f"unix://{folder}/d.sock"
    command = [
        "dockerd", "--host", socket, "--data-root", str(folder / "data"), "--exec-root", str(folder / "exec"),
        "--pidfile", str(folder / "d.pid"), "--bridge", "none", "--log-level", "error",
    ]  # fmt: skip
    environment = dict(os.environ) | {"DOCKER_HOST": socket}
    with tools.running(command, world.folder / "dockerd.log") as engine:
        end = time.monotonic() + 30
        while subprocess.run(["docker", "info"], env=environment, capture_output=True, check=False).returncode != 0:
            if engine.poll() is not None or time.monotonic() > end:
                log = pathlib.Path(world.folder / "dockerd.log").read_text()
                raise RuntimeError(f"no Docker engine: {log[-1500:]}")
            time.sleep(0.2)
        yield environment


def until_answered(port: int) -> None:
    end = time.monotonic() + 15
    while subprocess.run(["curl", "-fs", f"http://127.0.0.1:{port}/health"], capture_output=True).returncode != 0:
        if time.monotonic() > end:
            raise RuntimeError(f"no container answers on {port}")
        time.sleep(0.1)

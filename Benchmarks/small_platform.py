"""A platform of a few `service.c`, deployed by the measured hauban in a state folder of its own."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import time

from measure import World


@dataclasses.dataclass
class Deploy:
    """One `hauban deploy` that ended."""

    code: int
    verdict: str
    reason: str
    # CLOCK_MONOTONIC.
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class SmallPlatform:
    """Every service answers at `/NAME` of the platform's address, and says its release in `X-Release`."""

    def __init__(self, world: World, services: list[str], watch: str = "2s"):
        self.world = world
        self.services = services
        self.watch = watch
        self.folder = world.folder / "platform"
        self.file = self.folder / "hauban.yaml"
        self.environment = dict(os.environ) | {"HAUBAN_STATE": str(world.folder / "state")}
        binary = world.compiled("service")
        for name in services:
            (self.folder / name).mkdir(parents=True)
            shutil.copy(binary, self.folder / name / "service")

    def write(self, release: int, **settings: int) -> None:
        """Asks for a release of all services: only the environment differs, as from one configuration to the next."""
        values = {"RELEASE": release} | settings
        environment = ", ".join(f'{name}: "{value}"' for name, value in values.items())
        lines = ["hauban: 1", "platform: bench", f"release: {{watch: {self.watch}}}", "services:"]
        for name in self.services:
            lines += [
                f"  {name}:",
                f"    source: {name}",
                "    stack: none",
                "    run: ./service ${port}",
                "    port: 8000",
                "    health: {ready: /health}",
                "    logs: plain",
                f"    env: {{{environment}}}",
                f"    expose: {{path: /{name}}}",
                "    slo: {availability: 99.9%, latency: {p95: 250ms}}",
                "    smoke: [{get: /smoke}]",
            ]
        lines += ["environments:", "  dev: {target: local}"]
        self.file.write_text("\n".join(lines) + "\n")

    def deploy(self, expect: int = 0) -> Deploy:
        began = time.monotonic()
        done = self.run("deploy", "--port", "0", "--json")
        ended = time.monotonic()
        if done.returncode != expect:
            raise RuntimeError(
                f"hauban deploy exited {done.returncode}, not {expect}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
            )
        report = json.loads(done.stdout)
        return Deploy(done.returncode, report["verdict"], report.get("reason", ""), began, ended)

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.world.hauban, command, "dev", "--file", str(self.file), *options],
            env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def status(self) -> dict:
        done = self.run("status", "--json")
        if done.returncode not in (0, 1):
            raise RuntimeError(f"hauban status exited {done.returncode}: {done.stderr[-1000:]}")
        return json.loads(done.stdout)

    @property
    def port(self) -> int:
        """Of the platform's address."""
        return int(self.status()["address"].rpartition(":")[2])

    def replica(self, name: str) -> dict:
        """What `status` says of the first replica of a service, or of the `front-door`."""
        return next(each for each in self.status()["replicas"] if each["name"] == name)

    @property
    def supervisor(self) -> int:
        """The number of the supervisor's process: the parent of what it started."""
        parent = pathlib.Path(f"/proc/{self.replica('front-door')['pid']}/stat").read_text()
        return int(parent.rpartition(")")[2].split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file.exists():
            self.run("down")

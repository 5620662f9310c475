"""A platform of a few `service.c`, deployed by the measured hauban in a state folder of its own."""

import contextlib
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

    @property
    def port(self) -> int:
        return int(json.loads(self.run("status", "--json").stdout)["address"].rpartition(":")[2])

    def target(self, name: str, port: int) -> str:
        return f"{port}/{name}"

    def process(self, of: str) -> int:
        """The number of the `supervisor`'s or the `front-door`'s process."""
        state = next((self.world.folder / "state").glob("bench-*/dev"))
        for each in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (each / "cmdline").read_text().split("\0")
                if {"supervisor": "supervise", "front-door": "front-door"}[of] in words[1:2] and any(
                    word.startswith(str(state)) for word in words
                ):
                    return int(each.name)
        raise RuntimeError(f"no {of} runs")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file.exists():
            self.run("down")

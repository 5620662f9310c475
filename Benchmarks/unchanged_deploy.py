"""`hauban deploy` when nothing changed, against `supervisorctl update` with the same services and nothing changed.

Both find out that what runs is what the file asks for. Hauban also reads 600 source files to know that no service's code
changed, and asks each replica's state; supervisor compares its configuration alone, so it is a lower bound rather than
an equal.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import time

import measure as tools
from measure import HERE, Figure, World, in_turns, output, run_once

NAME = "unchanged-deploy"
SERVICES = 6
FILES = 100


def measure(world: World) -> list[Figure]:
    platform = write_platform(world.folder / "platform")
    environment = dict(os.environ) | {"HAUBAN_STATE": str(world.folder / "state")}
    deploy = [world.hauban, "deploy", "dev", "--file", str(platform), "--port", "0"]
    with deployed(world, deploy, environment), supervised(world) as update:
        ours, peer = in_turns([deploy, update], rounds=10, warm=1, environment=environment)
        verdict = json.loads(output(*deploy, "--json", env=environment))["verdict"]
        if verdict != "unchanged":
            raise RuntimeError(f"the deploy was {verdict}, not unchanged")
    version = output("supervisord", "--version").strip()
    details = {"services": SERVICES, "files": SERVICES * FILES, "ours": ours.details(), "peer": peer.details()}
    return [Figure(NAME, ours.median, peer.median, "ms", f"supervisorctl {version}", goal=1000, details=details)]


def write_platform(folder: pathlib.Path) -> pathlib.Path:
    lines = ["hauban: 1", "platform: unchanged", "release: {watch: 1s}", "services:"]
    for number in range(SERVICES):
        source = folder / f"services/s{number}"
        source.mkdir(parents=True)
        for file in range(FILES):
            (source / f"module_{file}.txt").write_text(f"{number} {file}\n" * 200)
        lines += [
            f"  s{number}:",
            f"    source: services/s{number}",
            "    stack: none",
            f"    run: {command('${port}')}",
            "    port: 8000",
            "    health: {ready: /}",
            "    logs: plain",
            f"    expose: {{path: /s{number}}}",
        ]
    lines += ["environments:", "  dev: {target: local}"]
    path = folder / "hauban.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def command(port: str) -> str:
    return f"/usr/bin/python3 -m http.server --bind 127.0.0.1 {port}"


@contextlib.contextmanager
def deployed(world: World, deploy: list[str], environment: dict):
    try:
        output(*deploy, env=environment)
        yield
    finally:
        down = [world.hauban, "down", "dev", *deploy[3:5]]
        subprocess.run(down, env=environment, stdout=subprocess.DEVNULL, timeout=60, check=False)


@contextlib.contextmanager
def supervised(world: World):
    """Yields the command that finds nothing to change."""
    folder = world.folder / "supervisor"
    folder.mkdir()
    text = (HERE / "unchanged_deploy.supervisord.conf").read_text().replace("@FOLDER@", str(folder))
    for number, port in enumerate(tools.free_ports(SERVICES)):
        source = world.folder / f"platform/services/s{number}"
        text += f"\n[program:s{number}]\ncommand={command(str(port))}\ndirectory={source}\n"
    configuration = folder / "supervisord.conf"
    configuration.write_text(text)
    update = ["supervisorctl", "-c", str(configuration), "update"]
    with tools.running(["supervisord", "-c", str(configuration)], world.folder / "supervisord.log"):
        end = time.monotonic() + 20
        while True:
            try:
                run_once(update)
                break
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        yield update

"""`hauban ci` against `make`: a stage that does nothing, and 200 steps that need each other, two at once.

Hauban also reads and checks the platform's file, keeps a log of each step and a journal, and gives each command a session of
its own, so that all of it can be ended; make starts a shell a step.
"""

import os
import pathlib

from measure import Figure, World, in_turns, output

NAME = "pipeline-graph"
STEPS = 200
WORK = "sleep 0.02"


def measure(world: World) -> list[Figure]:
    environment = dict(os.environ) | {"HAUBAN_STATE": str(world.folder / "state")}
    version = output("make", "--version").splitlines()[0]
    figures = []
    for steps, work, unit in ((1, "true", "one step"), (STEPS, WORK, f"{STEPS} steps")):
        folder = world.folder / f"steps{steps}"
        folder.mkdir()
        platform = write(folder, steps, work)
        ours = [world.hauban, "ci", "--jobs", "2", "--file", str(platform)]
        peer = ["make", "--silent", "--jobs=2", "--directory", str(folder)]
        mine, theirs = in_turns([ours, peer], rounds=5 if steps > 1 else 20, warm=1, environment=environment)
        details = {"steps": steps, "work": work, "ours": mine.details(), "peer": theirs.details()}
        figures.append(Figure(f"{NAME}: {unit}", mine.median, theirs.median, "ms", version, details=details))
    return figures


def write(folder: pathlib.Path, steps: int, work: str) -> pathlib.Path:
    """Step n needs step n/2, in both files."""
    names = [f"s{number}" for number in range(1, steps + 1)]
    lines = [
        "hauban: 1",
        "platform: graph",
        "services: {web: {source: web, stack: none, run: ./web}}",
        "environments: {dev: {target: local}}",
        "pipeline:",
        f"  stages: [{', '.join(names)}]",
        "  steps:",
    ]
    rules = [f".PHONY: all {' '.join(names)}", f"all: {' '.join(names)}"]
    for number, name in enumerate(names, start=1):
        need = f"s{number // 2}" if number > 1 else ""
        after = f", after: [{need}]" if need else ""
        lines.append(f"    {name}: {{run: [\"{work}\"]{after}}}")
        rules += [f"{name}: {need}", f"\t@{work}"]
    (folder / "Makefile").write_text("\n".join(rules) + "\n")
    (folder / "web").mkdir()
    (folder / "web/web").write_text("#!/bin/sh\n")
    path = folder / "hauban.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path

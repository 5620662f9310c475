"""Runs the benchmarks and prints one line a figure; `scripts/bench.sh` calls it.

    python3 Benchmarks/bench.py --hauban BINARY --json FILE [NAME]

A benchmark is a file here with `NAME` and `measure(world) -> list[Figure]`. No time decides the exit code: it is 1 when a
benchmark could not be run.
"""

import argparse
import datetime
import importlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import traceback

import measure

BENCHMARKS = [
    "version_start", "check_500_services", "render_500_services", "front_door", "watching", "unchanged_deploy", "switches", "standing",
    "compare_release", "ingest", "paging", "pipeline_graph",
]  # fmt: skip


def machine() -> dict:
    model = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    return {"cores": measure.CORES, "processor": model, "kernel": platform.release(), "load": os.getloadavg()}


def commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=measure.ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hauban", required=True)
    parser.add_argument("--json", required=True, type=pathlib.Path)
    parser.add_argument("name", nargs="?")
    arguments = parser.parse_args()
    modules = [importlib.import_module(name) for name in BENCHMARKS]
    chosen = [module for module in modules if arguments.name in (None, module.NAME)]
    if not chosen:
        print(f"no benchmark is called {arguments.name}: {', '.join(m.NAME for m in modules)}", file=sys.stderr)
        return 64

    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit(),
        "binary": {"path": arguments.hauban, "bytes": os.path.getsize(arguments.hauban)},
        "machine": machine(),
        "figures": [],
        "failed": [],
    }
    for module in chosen:
        with tempfile.TemporaryDirectory(prefix="hb.") as folder:
            # What drops root's rights must still pass.
            os.chmod(folder, 0o711)
            world = measure.World(os.path.abspath(arguments.hauban), pathlib.Path(folder), sys.executable)
            before = measure.load()
            try:
                figures = module.measure(world)
            except Exception:
                report["failed"].append(module.NAME)
                print(f"{module.NAME} could not be measured:", file=sys.stderr)
                traceback.print_exc()
                continue
            for figure in figures:
                figure.load = max(figure.load, before, measure.load())
                report["figures"].append(figure.json())
                print(figure.line(), flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=2) + "\n")
    return 1 if report["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

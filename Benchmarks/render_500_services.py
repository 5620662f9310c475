"""`hauban render` of 500 services for every target, and of the Kubernetes files against `kubectl kustomize` on them.

The peer answers a smaller question: it puts the files of one overlay together that Hauban makes from hauban.yaml.
"""

import hashlib
import os
import pathlib
import subprocess

import platform_500
from measure import Figure, World, in_turns, output

NAME = "render-500-services"
FEWER = 50


def measure(world: World) -> list[Figure]:
    file = platform_500.write(world.folder / "every", environments=platform_500.EVERY_TARGET)
    first, second = world.folder / "first", world.folder / "second"
    for out in (first, second):
        out.mkdir()
        subprocess.run([world.hauban, "render", "--file", str(file), "--out", str(out)], check=True, capture_output=True)
    written = digest(first)
    if written != digest(second):
        raise RuntimeError("two renderings of one file differ")
    # kustomize takes more than four minutes for the overlay of 500.
    cluster = platform_500.write(world.folder / "cluster", services=FEWER)
    rendered = world.folder / "kubernetes"
    rendered.mkdir()
    kubernetes = [world.hauban, "render", "kubernetes", "--env", "prod", "--file", str(cluster), "--out", str(rendered)]
    subprocess.run(kubernetes, check=True, capture_output=True)
    overlay = str(rendered / "deploy/kubernetes/overlays/prod")
    # What CI runs: everything is rendered and compared with the files that are there.
    every = [world.hauban, "render", "--check", "--file", str(file), "--out", str(first)]
    (whole,) = in_turns([every], rounds=5, warm=1)
    ours, peer = in_turns([[*kubernetes, "--check"], ["kubectl", "kustomize", overlay]], rounds=3, warm=0)
    size = {"files": len(written), "bytes": sum(os.path.getsize(path) for path in files(first)), "services": 500}
    version = output("kubectl", "version", "--client").split("Kustomize Version: ")[-1].strip()
    return [
        Figure(NAME, whole.median, None, "ms", "-", goal=2000, details={"output": size, "ours": whole.details()}),
        Figure(
            f"{NAME}-kubernetes-{FEWER}", ours.median, peer.median, "ms", f"kubectl kustomize {version}",
            details={"ours": ours.details(), "peer": peer.details()},
        ),
    ]  # fmt: skip


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def digest(folder: pathlib.Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files(folder)
    }

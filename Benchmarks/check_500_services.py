"""`hauban check` on 500 services in three environments, against validators of the same file with the same schema.

Both peers answer a smaller question: whether the file has the schema's shape. They know no cross-checks, no merged
environments and no source positions.
"""

import importlib.metadata
import pathlib

import platform_500
from measure import HERE, ROOT, Figure, World, in_turns, run_once

NAME = "check-500-services"


def measure(world: World) -> list[Figure]:
    file = platform_500.write(world.folder / "good")
    schema = str(ROOT / "docs/hauban.schema.json")
    tool = str(pathlib.Path(world.python).parent / "check-jsonschema")
    floor = str(HERE / "check_500_services.peer.py")
    contestants = [
        lambda path: [world.hauban, "check", "--file", path],
        lambda path: [tool, "--schemafile", schema, path],
        lambda path: [world.python, floor, schema, path],
    ]
    refuse_a_bad_key(file, contestants)
    hauban, cli, native = in_turns([each(str(file)) for each in contestants], rounds=7, warm=1)
    size = {"bytes": file.stat().st_size, "services": 500, "environments": 3}
    return [
        Figure(
            NAME,
            hauban.median,
            cli.median,
            "ms",
            f"check-jsonschema {importlib.metadata.version('check-jsonschema')}",
            goal=1000,
            details={"file": size, "ours": hauban.details(), "peer": cli.details()},
        ),
        Figure(
            f"{NAME}-floor",
            hauban.median,
            native.median,
            "ms",
            f"libyaml+jsonschema-rs {importlib.metadata.version('jsonschema-rs')}",
            details={"file": size, "ours": hauban.details(), "peer": native.details()},
        ),
    ]


def refuse_a_bad_key(file: pathlib.Path, contestants: list) -> None:
    """Who accepts everything is fast: each must refuse an unknown key of the last service."""
    bad = file.with_name("bad.yaml")
    head, port, tail = file.read_text().rpartition("    port: ")
    bad.write_text(head + port.replace("port", "prot") + tail)
    for each in contestants:
        run_once(each(str(bad)), expect=1)

"""What counting requests and keeping their latencies costs the front door: with its meters on against off."""

import pathlib
import re
import statistics
import time

import front_door
import measure as tools
from front_door import PATH, same_answer
from measure import Figure, Load, World

NAME = "watching"
PAIRS = 12
SECONDS = 3
# Requests a second, the same for both: the processor time of a request depends on how many are answered in one turn.
RATE = 10_000
GOAL = 1.03
# Under valgrind, which counts instructions and slows down fifty times: two rates, since what is done once a second costs the
# same at both, and so falls out of their difference.
SLOW_RATES = (50, 250)


def measure(world: World) -> list[Figure]:
    upstream, on, off = tools.free_ports(3)
    with front_door.nginx(world, "upstream", "front_door.upstream.conf", {"UPSTREAM": upstream}) as service:
        tools.wait_for_port(upstream, service)
        with (
            front_door.front_door(world, upstream, on, "on") as with_meters,
            front_door.front_door(world, upstream, off, "off", metrics=False) as without,
        ):
            sides = [(with_meters, on), (without, off)]
            for process, port in sides:
                tools.wait_for_port(port, process)
                same_answer("the front door", port)
                cost(world, process, port)
            pairs = []
            for turn in range(PAIRS):
                measured = {port: cost(world, process, port) for process, port in sides[:: 1 if turn % 2 else -1]}
                pairs.append((measured[on], measured[off]))
        counted = {metrics: instructions(world, upstream, metrics) for metrics in (True, False)}
    ratios = [ours / peer for ours, peer in pairs]
    ours, peer = (statistics.median(each) for each in zip(*pairs))
    # The median of the pairs' ratios: what disturbs a pair disturbs both of its halves.
    ratio = statistics.median(ratios)
    details = {"rate": RATE, "seconds": SECONDS, "pairs": pairs, "ratios": sorted(ratios)}
    return [
        Figure(f"{NAME}-cpu", ours, ours / ratio, "us/request", "itself with metrics off", goal=GOAL,
               goal_is_ratio=True, details=details | {"peer_median": peer}),
        # Of the front door's own code, without the system's, which takes more than half of its processor time: the share of
        # all is less than half of this one. No goal of its own, but it is the same in each run, whatever else runs.
        Figure(f"{NAME}-instructions", counted[True], counted[False], "instructions/request", "itself with metrics off"),
    ]  # fmt: skip


def cost(world: World, process, port: int) -> float:
    """Microseconds of processor time for each request."""
    before = tools.processor_seconds(process.pid)
    result = Load(world, [f"{port}{PATH}"], RATE, connections=64, seconds=SECONDS).result()
    if result["failed"]:
        raise RuntimeError(f"requests failed: {result}")
    return (tools.processor_seconds(process.pid) - before) * 1e6 / result["requests"]


def instructions(world: World, upstream: int, metrics: bool) -> float:
    """Instructions of the front door's own code for each request."""
    (port,) = tools.free_ports(1)
    name = f"counted-{metrics}".lower()
    prefix = world.folder / f"{name}.callgrind"
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={prefix}"]
    with front_door.front_door(world, upstream, port, name, valgrind, metrics=metrics) as process:
        tools.wait_for_port(port, process, deadline=60)
        requests = []
        # The first part is the start and the first use of everything.
        for rate in (SLOW_RATES[1], *SLOW_RATES):
            # One after another: how many requests share a turn of the event loop is chance, and a turn costs as well.
            load = Load(world, [f"{port}{PATH}"], rate, connections=1, seconds=4, timeout=20_000)
            requests.append(load.result()["answered"])
            time.sleep(1)
            tools.output("callgrind_control", "-d", str(process.pid))
        parts = [total(pathlib.Path(f"{prefix}.{part}")) for part in (2, 3)]
    return (parts[1] - parts[0]) / (requests[2] - requests[1])


def total(file: pathlib.Path) -> int:
    return int(re.search(r"^summary: (\d+)", file.read_text(), re.M)[1])

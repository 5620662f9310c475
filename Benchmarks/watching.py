"""What counting requests and keeping their latencies costs the front door: with its meters on against off."""

import statistics

import front_door
import measure as tools
from front_door import PATH, same_answer
from measure import Figure, Load, World

NAME = "watching"
PAIRS = 12
SECONDS = 3
# Requests a second, the same for both: the processor time of a request depends on how many are answered in one turn.
RATE = 12_000
GOAL = 1.03


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
    ratios = [ours / peer for ours, peer in pairs]
    ours, peer = (statistics.median(each) for each in zip(*pairs))
    # The median of the pairs' ratios: what disturbs a pair disturbs both of its halves.
    ratio = statistics.median(ratios)
    details = {"rate": RATE, "seconds": SECONDS, "pairs": pairs, "ratios": sorted(ratios)}
    return [
        Figure(f"{NAME}-cpu", ours, ours / ratio, "us/request", "itself with metrics off", goal=GOAL,
               goal_is_ratio=True, details=details | {"peer_median": peer}),
    ]  # fmt: skip


def cost(world: World, process, port: int) -> float:
    """Microseconds of processor time for each request."""
    before = tools.processor_seconds(process.pid)
    result = Load(world, [f"{port}{PATH}"], RATE, connections=64, seconds=SECONDS).result()
    if result["failed"] or result["unsent"]:
        raise RuntimeError(f"requests failed: {result}")
    return (tools.processor_seconds(process.pid) - before) * 1e6 / result["requests"]

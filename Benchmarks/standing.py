"""What an environment costs while nothing happens, and how long nobody answers when its front door is killed.

The peer is what a team would put together for the same: supervisor, which keeps HAProxy.
"""

import contextlib
import os
import signal
import statistics
import time

import measure as tools
from measure import Figure, Load, World
from small_platform import SmallPlatform

NAME = "standing"
KILLS = 8
IDLE_SECONDS = 15
# Requests a second, each on a connection of its own: the resolution of what is dark.
RATE = 500
# Longer than it takes supervisor to call a process stable, so that nobody's back-off grows from kill to kill.
PAUSE = 3.0


def measure(world: World) -> list[Figure]:
    with SmallPlatform(world, ["api", "web", "mailer"]) as platform:
        platform.write(1)
        platform.deploy()
        port = platform.port
        with supervised_haproxy(world, platform.replica("api")["port"]) as (supervisord, peer_port):
            ours = [platform.supervisor, platform.replica("front-door")["pid"]]
            theirs = tools.family(supervisord)
            time.sleep(5)
            idle = {"ours": at_rest(ours), "peer": at_rest(theirs)}
            kills = {"ours": [], "peer": []}
            for _ in range(KILLS):
                kills["ours"].append(killed(world, f"{port}/api", platform.replica("front-door")["pid"]))
                kills["peer"].append(killed(world, f"{peer_port}/api", tools.family(supervisord)[1]))
    against = f"supervisor {tools.output('supervisord', '--version').strip()} with HAProxy"
    details = {"idle": idle, "kills": kills}
    dark, peer_dark = ([each["dark_ms"] for each in kills[side]] for side in ("ours", "peer"))
    refused, peer_refused = (sum(each["refused"] for each in kills[side]) for side in ("ours", "peer"))
    wrong, peer_wrong = (sum(each["wrong"] for each in kills[side]) for side in ("ours", "peer"))
    return [
        Figure(f"{NAME}-memory", idle["ours"]["memory_mb"], idle["peer"]["memory_mb"], "MB", against, details=details),
        Figure(f"{NAME}-cpu", idle["ours"]["cpu_percent"], idle["peer"]["cpu_percent"], "%", against),
        Figure("killed-front-door-dark", statistics.median(dark), statistics.median(peer_dark), "ms", against,
               goal=1000, details=details),
        Figure("killed-front-door-dark-longest", max(dark), max(peer_dark), "ms", against, goal=1000),
        # The supervisor holds the listening sockets: who connects meanwhile waits.
        Figure("killed-front-door-refused", refused, peer_refused, "connections", against, goal=0),
        # Who comes back must not answer before it knows what it serves.
        Figure("killed-front-door-wrong", wrong, peer_wrong, "answers", against, goal=0),
    ]  # fmt: skip


def at_rest(processes: list[int]) -> dict:
    before = sum(tools.own_processor_seconds(each) for each in processes)
    time.sleep(IDLE_SECONDS)
    used = sum(tools.own_processor_seconds(each) for each in processes) - before
    return {
        "memory_mb": sum(tools.own_memory_megabytes(each) for each in processes),
        "cpu_percent": used / IDLE_SECONDS * 100,
    }


def killed(world: World, target: str, process: int) -> dict:
    """`dark_ms` from the kill to the first answer to a request that was sent after it, how many connections were `refused`
    and how many answers `wrong`."""
    load = Load(world, [target], RATE, log=True, connections=16, close=True, timeout=2000)
    try:
        time.sleep(0.3)
        moment = time.monotonic()
        os.kill(process, signal.SIGKILL)
        time.sleep(PAUSE)
    finally:
        result = load.stop()
    answered = [request.done for request in load.requests() if request.sent > moment and not request.failed]
    if not answered:
        raise RuntimeError(f"{target} did not come back within {PAUSE:g} s")
    failures = result["failures"]
    return {
        "dark_ms": (min(answered) - moment) * 1000,
        "refused": failures["connect"],
        "wrong": failures["status"],
    }


@contextlib.contextmanager
def supervised_haproxy(world: World, upstream: int):
    (port,) = tools.free_ports(1)
    folder = world.folder / "peer"
    values = {"UPSTREAM": upstream, "PORT": port, "WORKERS": tools.CORES}
    proxy = world.rendered("front_door.haproxy.cfg", folder, values, "haproxy.cfg")
    values = {"FOLDER": folder, "PROXY": proxy}
    configuration = world.rendered("standing.supervisord.conf", folder, values, "supervisord.conf")
    with tools.running(["supervisord", "-c", str(configuration)], folder / "log") as supervisord:
        tools.wait_for_port(port, supervisord)
        yield supervisord.pid, port

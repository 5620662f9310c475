"""20 switches and 20 returns under load: what failed, and what was answered by a release that no longer served."""

import statistics
import time

from measure import Figure, Load, Request, World
from small_platform import SmallPlatform

NAME = "switches"
PAIRS = 20
# Of each release, over both kinds of clients.
LEAST_REQUESTS = 10_000
KEPT_RATE = 1_800
CLOSED_RATE = 500
WATCH = 2.0


def measure(world: World) -> list[Figure]:
    with SmallPlatform(world, ["api"], watch=f"{WATCH:g}s") as platform:
        platform.write(1)
        platform.deploy()
        port = platform.port
        switches = []
        returns = []
        serving = 1
        for turn in range(PAIRS):
            good = serving + 1
            platform.write(good)
            switches.append(release(world, platform, port, [serving, good]))
            # Its smoke request fails after the watch: it takes all traffic for the whole window and answers it well, so a
            # failed request would be the return's fault.
            bad = 1_000 + turn
            platform.write(bad, SMOKE_FAILS=1)
            returns.append(release(world, platform, port, [good, bad, good]))
            serving = good
        platform.write(2_000, FAIL=30)
        broken = release(world, platform, port, [serving, 2_000, serving])
        platform.write(2_001, DELAY_MS=400)
        slow = release(world, platform, port, [serving, 2_001, serving])
    return figures(switches, returns, broken, slow)


def release(world: World, platform: SmallPlatform, port: int, order: list[int]) -> dict:
    """One release under load; `order` names the releases that serve one after another."""
    loads = [
        Load(world, [f"{port}/api/{kind}"], rate, log=True, connections=32, close=kind == "closed")
        for kind, rate in [("kept", KEPT_RATE), ("closed", CLOSED_RATE)]
    ]
    try:
        # Before, so that the old release is seen to serve.
        time.sleep(0.5)
        deploy = platform.deploy(expect=0 if len(order) == 2 else 3)
        time.sleep(0.5)
        end = time.monotonic() + 60
        while sum(load.ended for load in loads) < LEAST_REQUESTS and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        results = [load.stop() for load in loads]
    requests = sorted((request for load in loads for request in load.requests()), key=lambda request: request.sent)
    seen = in_order(requests, order)
    return {
        "verdict": deploy.verdict,
        "reason": deploy.reason,
        "seconds": deploy.seconds,
        "requests": {"kept": results[0]["requests"], "closed": results[1]["requests"]},
        "failed": sum(result["failed"] for result in results),
        "failures": {kind: sum(result["failures"][kind] for result in results) for kind in results[0]["failures"]},
        "stopped": seen["stale"],
        "exposed_seconds": seen["exposed"],
        "p99_ms": max(result["latency_ms"]["p99"] for result in results),
        "slowest_ms": max(result["latency_ms"]["max"] for result in results),
    }


def in_order(requests: list[Request], order: list[int]) -> dict:
    """How many answers came from a release that no longer served.

    The switch is one step for all connections: once one client has an answer of the next release, no request that is
    sent later may be answered by the one before. `exposed` is the time from the first to the last answer of a release
    that was returned.
    """
    answered = [request for request in requests if request.release >= 0]
    since = 0.0
    for following in order[1:]:
        moments = [request.done for request in answered if request.release == following and request.sent > since]
        if not moments:
            raise RuntimeError(f"release {following} never answered")
        since = min(moments)
    stale = sum(request.release != order[-1] and request.sent > since for request in answered)
    exposed = 0.0
    if len(order) == 3:
        moments = [request.done for request in answered if request.release == order[1]]
        exposed = max(moments) - min(moments)
    return {"stale": stale, "exposed": exposed}


def figures(switches: list[dict], returns: list[dict], broken: dict, slow: dict) -> list[Figure]:
    def total(releases: list[dict], key: str) -> int:
        return sum(each[key] for each in releases)

    def count(name: str, releases: list[dict], key: str, details: dict | None = None) -> Figure:
        requests = sum(sum(each["requests"].values()) for each in releases)
        against = f"{len(releases)} releases, {requests} requests"
        return Figure(name, total(releases, key), None, "requests", against, goal=0, details=details or {})

    for releases in (switches, returns):
        least = min(sum(each["requests"].values()) for each in releases)
        if least < LEAST_REQUESTS:
            raise RuntimeError(f"a release saw {least} requests, fewer than {LEAST_REQUESTS}")
    seconds = [each["seconds"] for each in switches]
    return [
        count(f"{NAME}-failed", switches, "failed", {"switches": switches}),
        count(f"{NAME}-answered-by-stopped", switches, "stopped"),
        count("returns-failed", returns, "failed", {"returns": returns}),
        count("returns-answered-by-stopped", returns, "stopped"),
        Figure(f"{NAME}-seconds", statistics.median(seconds), None, "s", f"of them {WATCH:g} s watch"),
        # What a release that is bad from its first answer costs: it is found within the window, and its own errors are
        # the only ones.
        Figure("broken-release-exposed", broken["exposed_seconds"], None, "s", "30 % 5xx, found by the watch",
               goal=WATCH + 1, details=broken),
        Figure("broken-release-failed", broken["failed"], None, "requests",
               f"of {sum(broken['requests'].values())}, 30 % of what it answered", details=broken),
        Figure("slow-release-exposed", slow["exposed_seconds"], None, "s", "p95 above its objective, window's end",
               goal=WATCH + 1, details=slow),
    ]  # fmt: skip

"""How long the binary takes to start and say its version, against another tool that is one big static binary."""

from measure import Figure, World, in_turns, output

NAME = "version-start"


def measure(world: World) -> list[Figure]:
    version = output("promtool", "--version").split()[2]
    ours, peer = in_turns([[world.hauban, "--version"], ["promtool", "--version"]], rounds=30, warm=3)
    return [
        Figure(
            NAME,
            ours.median,
            peer.median,
            "ms",
            f"promtool {version}",
            goal=15,
            details={"ours": ours.details(), "peer": peer.details()},
        )
    ]

"""Writes a platform of many services in three environments: the same bytes on each run.

    python3 Benchmarks/platform_500.py FOLDER [SERVICES]

The services call earlier ones, so that the graph has edges and no cycle; every tenth owns a database, every fifth uses a
cache. `prod` overrides every service, `staging` half of them. Each service's folder holds what its stack is known by.
"""

import pathlib
import sys

PER_DATABASE = 10
PER_CACHE = 50


def service(number: int) -> list[str]:
    name = f"service-{number:03}"
    database, cache = f"db-{number // PER_DATABASE:02}", f"cache-{number // PER_CACHE}"
    calls = sorted({number // 2, number - 1} - {number}) if number > 1 else []
    uses = [f"{database}: {'write' if number % PER_DATABASE == 0 else 'read'}"]
    env = ["LOG_LEVEL: info", f'DATABASE_URL: "${{{database}.url}}"']
    if number % 5 == 0:
        uses.append(f"{cache}: write")
        env.append(f'CACHE_URL: "${{{cache}.url}}"')
    for callee in calls:
        uses.append(f"service-{callee:03}: call")
        env.append(f'SERVICE_{callee:03}_URL: "${{service-{callee:03}.url}}"')
    lines = [
        f"  {name}:",
        f"    source: services/{name}",
        "    run: uvicorn app.main:app --host 0.0.0.0 --port ${port}",
        f"    port: {8000 + number}",
        "    health: {ready: /health, live: /live, interval: 10s, timeout: 2s, failures: 3}",
        "    metrics: /metrics",
        f"    uses: {{{', '.join(uses)}}}",
        f"    secrets: [key-{number % 20:02}]",
        "    env:",
        *(f"      {line}" for line in env),
        "    egress: [api.example.com]",
        "    scale: {min: 2, max: 6, cpu: 70%}",
        "    size: {cpu: 250m, memory: 256Mi}",
        "    slo: {availability: 99.9%, latency: {p95: 300ms, p99: 1s}}",
        "    smoke: [{get: /health}, {post: /api/items, json: {sku: demo}, expect: {status: 201, contains: id}}]",
    ]
    if number % PER_DATABASE == 0:
        lines.append("    migrate: alembic upgrade head")
    if number % 4 == 0:
        lines.append(f"    expose: {{host: h{number:03}, path: /api, rate: 50/s}}")
    return lines


# What runs the three environments of `hauban check`'s measure: name, trigger, which services override something, and what.
KUBERNETES = (
    ("dev", "kubernetes", "branch: main", 0, ""),
    ("staging", "kubernetes", "branch: develop", 2, "scale: 1"),
    ("prod", "kubernetes", "tag: v*", 1, "scale: {min: 3, max: 12}, env: {LOG_LEVEL: warning}"),
)

# One environment for each target that files are rendered for.
EVERY_TARGET = (
    ("dev", "docker", "branch: main", 1, "scale: 1"),
    ("servers", "swarm", "branch: servers", 1, "scale: 2"),
    ("staging", "kubernetes", "branch: develop", 2, "scale: 1"),
    ("cloud", "gcp", "branch: cloud", 0, ""),
    ("other-cloud", "aws", "tag: v*", 1, "scale: {min: 3, max: 12}, env: {LOG_LEVEL: warning}"),
)


# What a cloud needs to know besides.
CLOUD_KEYS = {
    "gcp": ["    project: large-cloud", "    regions: [europe-west1]", "    state: large-tfstate"],
    "aws": ["    project: \"123456789012\"", "    regions: [eu-west-3]", "    state: large-tfstate"],
}


def document(services: int, environments: tuple = KUBERNETES) -> str:
    numbers = range(services)
    lines = ["hauban: 1", "platform: large", "owner: {team: large, oncall: primary}", "", "services:"]
    for number in numbers:
        lines += service(number)
    lines += ["", "resources:"]
    for number in range(0, services, PER_DATABASE):
        lines.append(
            f"  db-{number // PER_DATABASE:02}: {{kind: postgres, version: 15, storage: 20Gi,"
            " backup: {every: 6h, keep: 14d, rpo: 5m, rto: 15m, drill: weekly}}"
        )
    for number in range(0, services, PER_CACHE):
        lines.append(f"  cache-{number // PER_CACHE}: {{kind: redis, version: 7}}")
    lines += ["", "secrets:", *(f"  key-{number:02}: {{rotate: 90d}}" for number in range(min(20, services)))]
    lines += ["", "alerts:"]
    for number in numbers[::5]:
        lines.append(f"  errors-{number:03}: {{when: errors(service-{number:03}) > 1%, for: 5m, level: high}}")
    lines += [
        "",
        "oncall:",
        "  primary:",
        '    rotation: {every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana, ben]}',
        "    escalate: [{after: 0m, to: primary}, {after: 15m, to: large}]",
        "",
        "people: {ana: {email: ana@large.example}, ben: {email: ben@large.example}}",
        "teams: {large: {people: [ana, ben]}}",
        "",
        "environments:",
    ]
    for name, target, triggers, step, override in environments:
        lines += [
            f"  {name}:",
            f"    target: {target}",
            f"    {triggers}",
            f"    domain: {name}.large.example",
            "    registry: ghcr.io/large",
        ]
        lines += CLOUD_KEYS.get(target, [])
        if step:
            lines.append("    services:")
            lines += [f"      service-{number:03}: {{{override}}}" for number in numbers[::step]]
    return "\n".join(lines) + "\n"


def write(folder: pathlib.Path, services: int = 500, environments: tuple = KUBERNETES) -> pathlib.Path:
    """Returns the path of the file."""
    for number in range(services):
        source = folder / f"services/service-{number:03}"
        (source / "app").mkdir(parents=True, exist_ok=True)
        (source / "requirements.txt").write_text("uvicorn\n")
        (source / "app/main.py").write_text("app = None\n")
    path = folder / "hauban.yaml"
    path.write_text(document(services, environments))
    return path


if __name__ == "__main__":
    print(write(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500))

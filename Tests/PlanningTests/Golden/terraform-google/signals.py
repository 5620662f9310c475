"""Judges what modules compute, by Terraform itself; what Cloud Monitoring is asked, by promtool; what containers start with, by
a shell.

Reads modules.json, `{path: text}`, and queries.json, `{name: query}`; prints what the test compares.
"""

import json
import os
import re
import subprocess
import sys

MODULES = json.load(open("modules.json"))


def computed(name, variables, expression, change=lambda text: text):
    """The value of an expression in a module that was left without its resources."""
    os.makedirs(name, exist_ok=True)
    for file in ("main", "variables"):
        text = next(text for path, text in MODULES.items() if path.endswith(f"/{name}/{file}.tf"))
        text = change(text)
        text = re.sub(r"^(resource|data|ephemeral|output|terraform)\b.*?^}\n", "", text, flags=re.S | re.M)
        text = re.sub(r"^locals \{\n(?:(?!^\}).)*?google_monitoring_slo\..*?^}\n", "", text, flags=re.S | re.M)
        with open(f"{name}/{file}.tf", "w") as out:
            out.write(text)
    with open(f"{name}/terraform.tfvars.json", "w") as out:
        json.dump(variables, out)
    said = subprocess.run(
        ["terraform", f"-chdir={name}", "console"], input=f"jsonencode({expression})\n", capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    return json.loads(json.loads(said.stdout.strip()))


def dashboard(text):
    return re.sub(
        r'resource "google_monitoring_dashboard" "this" \{\n  project = var.project\n\n  dashboard_json =',
        "locals {\n  dashboard =", text)


board = json.loads(computed(
    "google-dashboard",
    {"project": "p", "title": "t", "services": ["api", "web"], "databases": {"db": "db"}, "caches": {"cache": "id"}},
    "local.dashboard", dashboard))

queries = json.load(open("queries.json"))
for index, tile in enumerate(board["mosaicLayout"]["tiles"]):
    for line, data in enumerate(tile["widget"].get("xyChart", {}).get("dataSets", [])):
        queries[f"tile_{index}_{line}"] = data["timeSeriesQuery"]["prometheusQuery"]
rules = [{"record": re.sub(r"\W", "_", name), "expr": query} for name, query in sorted(queries.items())]
with open("rules.yml", "w") as file:
    json.dump({"groups": [{"name": "queries", "rules": rules}]}, file)
checked = subprocess.run(["promtool", "check", "rules", "rules.yml"], capture_output=True, text=True)
assert checked.returncode == 0, checked.stdout + checked.stderr

# A container starts with what is put together, and its own words after it.
run = {
    "project": "p", "region": "r", "name": "n", "image": "i", "service_account": "s", "cpu": "1", "memory": "1Gi",
    "network": "n", "subnetwork": "s", "port": 80, "min_instances": 0, "max_instances": 1, "concurrency": 1,
    "probe": {"period": 1, "timeout": 1, "starts": 1, "failures": 1}, "command": ["printenv", "URL"],
    "composed_env": {"URL": "postgresql://role:$DB_PASSWORD@10.0.0.1/db?name=\\$HOME\\`id\\`"},
}
words = computed("google-cloud-run-service", run, "[local.command, local.args]")
started = subprocess.run(
    words[0] + words[1], env={"DB_PASSWORD": "it's \"$x\"", "PATH": os.environ["PATH"]}, capture_output=True, text=True)
assert started.returncode == 0, started.stderr
del run["composed_env"]
plain = computed("google-cloud-run-service", run, "[local.command, local.args]")

promises = {"p50": {"share": 0.5, "milliseconds": 100}, "p95": {"share": 0.95, "milliseconds": 800}}
json.dump(
    {
        "dashboard": board,
        "queries": len(queries),
        "started": started.stdout,
        "plain": plain[0] + (plain[1] or ["none"]),
        "addresses": computed(
            "google-network",
            {"project": "p", "name": "n", "subnetworks": {
                "a": {"cidr": "10.0.0.0/20", "pods": "10.64.0.0/16", "services": "10.65.0.0/20"},
                "b": {"cidr": "10.0.16.0/20"}}},
            "local.internal"),
        "filters": computed(
            "google-backend", {"project": "p", "name": "n", "services": {}, "filtered_paths": ["/", "/api"]},
            "[for filter in local.filters : filter.expression]"),
        "burns": computed(
            "google-objective",
            {"project": "p", "region": "r", "service": "s", "availability": 0.999, "latency": promises},
            "keys(local.alerts)"),
    },
    sys.stdout)

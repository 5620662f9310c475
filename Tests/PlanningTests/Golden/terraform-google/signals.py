"""Judges what Cloud Monitoring is asked: Terraform computes the dashboard, promtool reads every query.

Reads modules.json, `{path: text}`, and queries.json, `{name: query}`; prints the dashboard as JSON.
"""

import json
import re
import subprocess
import sys

files = json.load(open("modules.json"))
main = next(text for path, text in files.items() if path.endswith("google-dashboard/main.tf"))
variables = next(text for path, text in files.items() if path.endswith("google-dashboard/variables.tf"))
main = re.sub(r"\nterraform \{.*?\n\}\n", "\n", main, flags=re.S)
main, count = re.subn(
    r'resource "google_monitoring_dashboard" "this" \{\n  project = var.project\n\n  dashboard_json =',
    "locals {\n  dashboard =", main)
assert count == 1, "the module is not as this script knows it"
open("dashboard.tf", "w").write(main)
open("variables.tf", "w").write(variables)
json.dump(
    {"project": "p", "title": "t", "services": ["api", "web"], "databases": {"db": "db"}, "caches": {"cache": "id"}},
    open("terraform.tfvars.json", "w"))
said = subprocess.run(
    ["terraform", "console"], input="local.dashboard\n", capture_output=True, text=True, check=False)
assert said.returncode == 0, said.stdout + said.stderr
board = json.loads(json.loads(said.stdout.strip()))

queries = json.load(open("queries.json"))
for index, tile in enumerate(board["mosaicLayout"]["tiles"]):
    for line, data in enumerate(tile["widget"].get("xyChart", {}).get("dataSets", [])):
        queries[f"tile_{index}_{line}"] = data["timeSeriesQuery"]["prometheusQuery"]
rules = [{"record": re.sub(r"\W", "_", name), "expr": query} for name, query in sorted(queries.items())]
json.dump({"groups": [{"name": "queries", "rules": rules}]}, open("rules.yml", "w"))
checked = subprocess.run(["promtool", "check", "rules", "rules.yml"], capture_output=True, text=True)
assert checked.returncode == 0, checked.stdout + checked.stderr
json.dump({"dashboard": board, "queries": len(queries)}, sys.stdout)

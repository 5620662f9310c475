"""Runs checkov once over rendered files; reads cases.json, `{path: text}`, and prints `{id: [resource]}` of what it found."""

import json
import os
import subprocess
import sys

for path, text in json.load(open("cases.json")).items():
    os.makedirs(os.path.dirname(os.path.join("tree", path)), exist_ok=True)
    open(os.path.join("tree", path), "w").write(text)
checkov = os.path.join(os.path.dirname(sys.executable), "..", "checkov", "bin", "checkov")
if not os.path.exists(checkov):
    checkov = os.path.join(os.path.dirname(sys.executable), "checkov")
said = subprocess.run(
    [checkov, "-d", "tree", "--framework", "terraform", "--compact", "--quiet", "--skip-download", "--output", "json"],
    capture_output=True, text=True)
report = json.loads(said.stdout)
found = {}
for check in report["results"]["failed_checks"]:
    found.setdefault(check["check_id"], set()).add(check["resource"])
assert report["summary"]["passed"] > 50 and report["summary"]["parsing_errors"] == 0, report["summary"]
json.dump({key: sorted(value) for key, value in found.items()}, sys.stdout)

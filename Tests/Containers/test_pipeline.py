"""IP-07: one command runs the pipeline of the incident platform without a person, on a Docker Engine, and each gate stops a commit.

Lint, secrets, tests with coverage, images, their scan, the release and its verification with an alert that becomes an incident. The
example's services are stand-ins; a script stands for Trivy, which no package brings.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import engine
import platforms
import stand_ins
from deployed import Deployed, binary
from platforms import HERE, note, source

TOOLS = ["ruff==0.17.5", "black==26.10.1", "pytest==9.2.0", "pytest-cov==7.1.0"]
RULES = '''"""Which alerts are new."""


def fingerprint(alert: dict[str, str]) -> str:
    """The same for alerts that tell the same."""
    return "/".join([alert["source"], alert["title"]])
'''
TESTS = '''from ingestion.rules import fingerprint


def test_alerts_that_tell_the_same_are_one() -> None:
    assert fingerprint({"source": "a", "title": "b"}) == "a/b"
'''


def tools():
    """A virtual environment with what the example's own commands call."""
    folder = os.path.join(stand_ins.CACHE, "tools")
    mark = os.path.join(folder, ".tools")
    if not os.path.exists(mark) or stand_ins.read(mark) != " ".join(TOOLS):
        shutil.rmtree(folder, ignore_errors=True)
        stand_ins.run(sys.executable, "-m", "venv", folder)
        stand_ins.run(os.path.join(folder, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *TOOLS)
        with open(mark, "w") as file:
            file.write(" ".join(TOOLS))
    return os.path.join(folder, "bin")


class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = platforms.images()
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = binary(cls.folder)
        cls.engine = cls.enterClassContext(engine.Engine(cls.folder, kept))
        own = os.path.join(cls.folder, "bin")
        os.makedirs(own)
        shutil.copy(os.path.join(HERE, "services/trivy"), own)
        shutil.copy(stand_ins.program("gitleaks"), os.path.join(own, "gitleaks"))
        cls.engine.environment["PATH"] = ":".join([own, tools(), cls.engine.environment["PATH"]])
        note("the engine runs")

    def platform(self):
        platform = Deployed(self.engine, self.program, "incident-platform", "demo", 8080)
        for service, module in (("alert-ingestion", "ingestion"), ("incident-management", "incidents"), ("oncall-service", "oncall")):
            source(platform.folder, service, module)
        shutil.copytree(os.path.join(HERE, "services/web-ui"), os.path.join(platform.folder, "web-ui"))
        self.write(platform, "alert-ingestion/ingestion/rules.py", RULES)
        self.write(platform, "alert-ingestion/tests/test_rules.py", TESTS)
        self.write(platform, "pyproject.toml", (
            '[tool.pytest.ini_options]\npythonpath = ["alert-ingestion"]\ntestpaths = ["alert-ingestion/tests"]\n\n'
            '[tool.coverage.run]\nsource = ["alert-ingestion/ingestion"]\nomit = ["*/main.py"]\n\n'
            '[tool.black]\nline-length = 130\nextend-exclude = "migrations"\n'))
        self.write(platform, ".gitignore", ".coverage\ncoverage.xml\n__pycache__/\n.pytest_cache/\n.ruff_cache/\n")
        platform.edit("\nrelease:\n", "\nrelease:\n  watch: 5s\n")
        # Every stand-in is of one base, which has the programs of all of them.
        platform.edit("image-size: 500Mi", "image-size: 3Gi")
        platform.secrets("ingest-token")
        platform.hauban("render", "images", "--env", "demo")
        self.git(platform, "init", "--quiet", "--initial-branch=main")
        for key, value in (("user.name", "Tester"), ("user.email", "tester@incidents.example"), ("gc.auto", "0")):
            self.git(platform, "config", key, value)
        return platform

    def git(self, platform, *words):
        subprocess.run(["git", "-C", platform.folder, *words], check=True, capture_output=True)

    def commit(self, platform, what):
        self.git(platform, "add", "--all")
        self.git(platform, "commit", "--quiet", "--message", what)

    def write(self, platform, path, text):
        path = os.path.join(platform.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def edit(self, platform, path, old, new):
        text = stand_ins.read(os.path.join(platform.folder, path))
        self.assertIn(old, text)
        self.write(platform, path, text.replace(old, new))

    def ci(self, platform, *stages):
        """The verdict, with the reason of each step that was stopped."""
        said = platform.hauban("ci", "--env", "demo", "--json", *stages, code=None)
        told = json.loads(said)
        stopped = {step["id"]: step.get("reason") or "" for step in told["steps"] if step["outcome"] in ("failed", "late")}
        note(f"{' '.join(stages) or 'everything'}: {told['verdict']} {stopped or ''}")
        self.logs = "\n".join(
            f"--- {step['log']}\n{stand_ins.read(step['log'])[-3000:]}" for step in told["steps"]
            if step["id"] in stopped and step.get("log") and os.path.exists(step["log"]))
        return told, stopped

    def stops(self, platform, what, stages, step, text, verdict=None):
        """A commit that has something wrong is stopped by exactly that step, for that reason.

        - Parameter verdict: what the history says of the release that was returned.
        """
        with self.subTest(what):
            self.commit(platform, what)
            told, stopped = self.ci(platform, *stages)
            self.assertEqual(told["verdict"], "failed", what)
            self.assertEqual(list(stopped), [step], self.logs)
            self.assertIn(text, stopped[step], self.logs)
            if verdict:
                last = json.loads(platform.hauban("history", "demo", "--limit", "1", "--json"))[0]
                self.assertEqual(last["verdict"], "returned")
                self.assertIn(verdict, last["reason"])
        self.reset(platform)

    def reset(self, platform):
        self.git(platform, "checkout", "--quiet", "--force", "-B", "main", "good")
        self.git(platform, "clean", "--quiet", "--force", "-d")

    def test_the_pipeline_runs_whole_and_each_gate_stops_a_commit(self):
        platform = self.platform()
        self.commit(platform, "The platform")
        self.git(platform, "tag", "good")
        told, stopped = self.ci(platform)
        self.assertEqual((told["verdict"], stopped), ("passed", {}), self.logs)
        done = {step["id"].split("/")[0] for step in told["steps"]}
        self.assertEqual(done, {"lint", "secrets", "test", "build", "scan", "deploy", "verify"})
        self.assertIn("Verification", platform.get("/api/incidents"), "an alert became an incident")
        images = self.engine.docker("images", "--format", "{{.Repository}}")
        for service in ("alert-ingestion", "incident-management", "oncall-service", "web-ui"):
            self.assertIn(service, images)

        self.write(platform, "alert-ingestion/ingestion/more.py", "x = { 'a':1 }\n")
        self.stops(platform, "bad format", ["lint"], "lint", "exited with code 1")

        key = "ghp_" + "x7Kq2mNp4Rt6Vw8Yz1Bc3Df5Gh7Jk9Lm2Np4"
        self.write(platform, "alert-ingestion/key.txt", f'KEY = "{key}"\n')
        self.stops(platform, "a leaked key", ["secrets"], "secrets/gitleaks", "github-pat")

        self.edit(platform, "alert-ingestion/tests/test_rules.py", '== "a/b"', '== "b/a"')
        self.stops(platform, "a failing test", ["test"], "test", "exited with code 1")

        self.write(platform, "alert-ingestion/ingestion/untested.py", "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(20)))
        self.stops(platform, "coverage below", ["test"], "test", "60% are asked for")

        hole = [{"VulnerabilityID": "CVE-2026-0001", "PkgName": "openssl", "InstalledVersion": "3.0", "FixedVersion": "3.1",
                 "Severity": "CRITICAL", "Title": "planted"}]
        self.write(platform, "planted-hole.json", json.dumps(hole))
        self.write(platform, "oncall-service/planted-hole.json", json.dumps(hole))
        with self.subTest("a vulnerable image"):
            self.commit(platform, "a vulnerable image")
            told, stopped = self.ci(platform, "build", "scan")
            self.assertTrue(stopped and all(step.startswith("scan/") for step in stopped), self.logs)
            self.assertTrue(any("CVE-2026-0001" in reason for reason in stopped.values()), stopped)
        self.reset(platform)

        text = stand_ins.read(os.path.join(platform.folder, "oncall-service/Dockerfile"))
        self.write(platform, "oncall-service/Dockerfile", re.sub(r"(?m)^USER .*\n", "", text))
        self.stops(platform, "an image that runs as root", ["build"], "build/oncall-service/image", "root")

        self.edit(platform, "incident-management/migrations/versions/0001_events.py", 'revision = "0001"', 'revision = "0000"')
        self.stops(platform, "a failing migration", ["deploy"], "deploy/demo", "exited with code 3", "alembic upgrade head")

        self.edit(platform, "alert-ingestion/standin.py", "return 201,", "return 500,")
        self.stops(platform, "a failing smoke request", ["deploy"], "deploy/demo", "exited with code 3", "POST /api/alerts")

        told, stopped = self.ci(platform, "deploy", "verify")
        self.assertEqual((told["verdict"], stopped), ("passed", {}), self.logs)
        platform.hauban("down", "demo")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The rendered Compose files really come up: on a Docker Engine, with every container healthy and every target of Prometheus up.

What is started are the files that Tests/PlanningTests/Golden holds, which other tests hold equal to what `hauban render` writes.
Services are small stand-ins, built by the rendered Dockerfiles, that use the credentials and addresses they are handed. Needs
root, docker.io and mmdebstrap: `scripts/compose-test.sh` brings them.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import stand_ins
from engine import Engine

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "PlanningTests", "Golden")
PATIENCE = 240
STARTED = time.monotonic()


def note(text):
    print(f"{time.monotonic() - STARTED:6.0f} s  {text}", flush=True)


class Platform:
    """One environment of an example in a folder of its own, as a team has it after `hauban render`."""

    def __init__(self, engine, name, environment, files, **variables):
        self.engine, self.name, self.environment = engine, name, environment
        self.variables = {**engine.environment, **variables}
        self.folder = os.path.join(engine.folder, name)
        for part in ("render/compose", "render/images", "monitoring"):
            shutil.copytree(os.path.join(GOLDEN, part, name), self.folder, dirs_exist_ok=True)
        self.project = f"{name}-{environment}"
        self.words = ["compose", "--project-directory", self.folder]
        for file in files:
            self.words += ["--file", os.path.join(self.folder, file)]
        self.config = json.loads(self.compose("config", "--format", "json"))
        self.secrets()

    def compose(self, *words, **more):
        return self.engine.docker(*self.words, *words, cwd=self.folder, env=self.variables, **more)

    def secrets(self):
        """As a team makes them for a try: passwords, and something in the place of what others give out."""
        subprocess.run(["sh", os.path.join(self.folder, "secrets/make.sh"), self.environment, "--all"], check=True)

    def source(self, service, modules, **files):
        """The source of a service: a module for each that its command names, and whatever else."""
        folder = self.config["services"][service]["build"]["context"]
        os.makedirs(folder, exist_ok=True)
        for module in modules:
            os.makedirs(os.path.join(folder, module), exist_ok=True)
            with open(os.path.join(folder, module, "main.py"), "w") as file:
                file.write("from standin import app  # noqa: F401\n")
            shutil.copy(os.path.join(HERE, "services/standin.py"), folder)
        with open(os.path.join(folder, "requirements.txt"), "w") as file:
            file.write("# Everything is in the base.\n")
        for target, origin in files.items():
            shutil.copy(os.path.join(HERE, "services", origin), os.path.join(folder, target))
        shutil.copytree(os.path.join(HERE, "services/migrations"), os.path.join(folder, "migrations"),
                        dirs_exist_ok=True)
        shutil.copy(os.path.join(HERE, "services/alembic.ini"), folder)
        return folder

    def containers(self):
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def unwell(self):
        """Containers that are not as they should be: healthy, or ended well where they run once."""
        bad = []
        for one in self.containers():
            isOnce = one["Service"].endswith("-migrate")
            isWell = one["State"] == "exited" and one["ExitCode"] == 0 if isOnce else (
                one["State"] == "running" and one["Health"] == "healthy")
            if not isWell:
                bad.append(f"{one['Name']}: {one['State']} {one['Health']} {one['ExitCode']}")
        return bad

    def query(self, path):
        text = self.compose("exec", "-T", "prometheus", "wget", "-q", "-O", "-", "http://127.0.0.1:9090/api/v1/" + path)
        return json.loads(text)["data"]

    def targets(self):
        return self.query("targets?state=active")["activeTargets"]

    def value(self, expression):
        found = self.query("query?query=" + expression.replace("+", "%2B").replace(" ", "%20").replace('"', "%22"))
        return {json.dumps(one["metric"], sort_keys=True): float(one["value"][1]) for one in found["result"]}


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hauban-compose-", dir=os.environ.get("HAUBAN_COMPOSE_FOLDER"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.engine = cls.enterClassContext(Engine(cls.folder))
        note("the engine runs")
        names = set()
        for path in ("cognitive-sprint/compose.yaml", "incident-platform/compose.yaml", "personal-assistant/compose.yaml",
                     "personal-assistant/compose.staging.yaml"):
            text = stand_ins.read(os.path.join(GOLDEN, "render/compose", path))
            names |= set(re.findall(r"^    image: \"?([^\s$\"]+:[^\s$\"]+)\"?$", text, re.M))
        for found, _, files in os.walk(os.path.join(GOLDEN, "render/images")):
            if "Dockerfile" in files and "/stacks" not in found:
                names |= set(re.findall(r"^FROM (\S+)", stand_ins.read(os.path.join(found, "Dockerfile")), re.M))
        known = {name for name in names if name.split(":")[0] in stand_ins.IMAGES}
        stand_ins.build(cls.engine, known)
        note(f"{len(known)} images are made")

    def wait(self, what, question):
        """Asks until nothing is wrong any more; says what is when time is up."""
        deadline = time.monotonic() + PATIENCE
        while True:
            wrong = question()
            if not wrong:
                note(what)
                return
            if time.monotonic() > deadline:
                self.fail(f"not {what}: " + "\n".join(map(str, wrong)) + "\n" + self.engine.docker("ps", "--all"))
            time.sleep(1)

    def comes_up(self, platform):
        try:
            platform.compose("up", "--detach")
            self.wait(f"{platform.name}: every container is healthy", platform.unwell)
            self.assertEqual(
                {one["Service"] for one in platform.containers()}, set(platform.config["services"]))
            self.wait(f"{platform.name}: every target is up", lambda: [
                (one["scrapePool"], one["scrapeUrl"], one["lastError"]) for one in platform.targets()
                if one["health"] != "up"])
        except Exception:
            print(platform.compose("logs", "--no-color", "--tail", "15", check=False)[-30000:])
            raise

    def is_watched(self, platform, services):
        """Every replica and every exporter is a target, each rule was evaluated, and containers bear their services' names."""
        targets = platform.targets()
        for name, count in services.items():
            self.assertEqual(sum(one["scrapePool"] == name for one in targets), count, name)
        for group in platform.query("rules")["groups"]:
            for rule in group["rules"]:
                self.assertNotEqual(rule["health"], "err", rule)
        seen = platform.value("count by (service) (container_last_seen)")
        for name in services:
            self.assertEqual(seen.get(json.dumps({"service": name})), services[name], seen)
        self.assertNotIn("stand_in_lines 0", platform.value("stand_in_lines"))

    def takes_everything_away(self, platform):
        platform.compose("down", "--volumes")
        own = ["--quiet", "--filter", f"label=com.docker.compose.project={platform.project}"]
        for words in (["ps", "--all"], ["volume", "ls"], ["network", "ls"]):
            self.assertEqual(self.engine.docker(*words, *own), "")
        note(f"{platform.name}: all of it is gone")

    def test_every_file_is_one_that_compose_reads(self):
        files = {}
        for found, _, names in os.walk(os.path.join(GOLDEN, "render/compose")):
            for name in sorted(names):
                if re.fullmatch(r"compose\.\w+\.yaml", name):
                    files[os.path.join(found, name)] = [os.path.join(found, "compose.yaml"), os.path.join(found, name)]
            if "compose.yaml" in names and not any(re.fullmatch(r"compose\.\w+\.yaml", name) for name in names):
                files[found] = [os.path.join(found, "compose.yaml")]
        self.assertGreater(len(files), 4)
        for paths in files.values():
            words = [word for path in paths for word in ("--file", path)]
            said = self.engine.docker("compose", *words, "config", "--quiet", env={**self.engine.environment, "RELEASE": "1"})
            self.assertEqual(said, "", paths)

    def test_platforms_come_up_and_go_and_come_up_again(self):
        # Both at once: most of the time is spent waiting for the next question of a health check.
        with ThreadPoolExecutor() as pool:
            for done in [pool.submit(self.incident_platform), pool.submit(self.personal_assistant)]:
                done.result()

    def incident_platform(self):
        """By one file, found by its name: IP-01."""
        platform = Platform(self.engine, "incident-platform", "demo", ["compose.yaml"])
        for service, module in (("alert-ingestion", "ingestion"), ("incident-management", "incidents"),
                                ("oncall-service", "oncall")):
            platform.source(service, [module])
        # npm is not here: the page's image is the test's own.
        web = platform.source("web-ui", [], **{"server.js": "server.js"})
        with open(os.path.join(web, "Dockerfile"), "w") as file:
            file.write("FROM node:22-bookworm-slim\nWORKDIR /app\nCOPY server.js .\nUSER 10001:10001\n"
                       'CMD ["node", "server.js"]\n')
        platform.compose("build", "--quiet")
        note("incident-platform: built")
        platform.words = ["compose"]
        for _ in range(2):
            self.comes_up(platform)
            self.assertEqual(self.engine.fetch("http://127.0.0.1:8080/"), "ok\n")
            said = json.loads(self.engine.fetch("http://127.0.0.1:8080/api/incidents/health"))
            self.assertEqual(said["DATABASE_URL"], "incident_management_role")
            self.is_watched(platform, {"alert-ingestion": 1, "incident-management": 1, "oncall-service": 1, "web-ui": 1})
            self.assertEqual(set(platform.value("probe_success").values()), {1.0})
            self.assertEqual(set(platform.value("pg_up").values()), {1.0})
            self.takes_everything_away(platform)

    def personal_assistant(self):
        """In staging: a base and an overlay, and the control plane outside."""
        world = os.path.join(self.folder, "world")
        os.makedirs(world)
        shutil.copy(os.path.join(HERE, "services/world.py"), world)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=incidents.assistant.example", "-addext", "subjectAltName=DNS:incidents.assistant.example",
             "-keyout", world + "/world.key", "-out", world + "/world.crt"], check=True, capture_output=True)
        shutil.copytree(os.path.join(GOLDEN, "render/compose/personal-assistant"),
                        os.path.join(self.folder, "personal-assistant"))
        with open(os.path.join(self.folder, "personal-assistant/world.yaml"), "w") as file:
            file.write(f"""
# What is outside: the control plane, which Prometheus tells of alerts and is told by that it lives.
services:
  world:
    image: hauban-test/tools
    command: [python3, /world/world.py]
    volumes: ["{world}:/world:ro"]
    secrets: [hauban-integration-key]
    networks: {{egress: {{aliases: [incidents.assistant.example]}}}}
    healthcheck: {{test: [CMD, "true"], interval: 2s}}
  prometheus:
    volumes: ["{world}/world.crt:/etc/ssl/certs/ca-certificates.crt:ro"]
""")
        platform = Platform(
            self.engine, "personal-assistant", "staging", ["compose.yaml", "compose.staging.yaml", "world.yaml"],
            RELEASE="1", GRAFANA_PORT="3001")
        for service, module in (("api", "api"), ("agent", "agent"), ("oauth-manager", "oauth"), ("sms", "sms")):
            platform.source(service, [module])
        platform.source("worker", [], **{"worker.py": "worker.py"})
        platform.compose("build", "--quiet")
        note("personal-assistant: built")
        for _ in range(2):
            self.comes_up(platform)
            asked = ["--insecure", "--resolve", "staging.assistant.example:443:127.0.0.1"]
            said = json.loads(self.engine.fetch("https://staging.assistant.example/health", *asked))
            self.assertEqual(said["DATABASE_URL"], "api_role")
            self.assertEqual(said["REDIS_URL"], "api")
            self.is_watched(platform, {"api": 2, "agent": 2, "oauth-manager": 1, "sms": 1})
            self.assertEqual(set(platform.value("redis_up").values()), {1.0})
            self.assertEqual(len(platform.value("pg_up == 1")), 2)
            self.takes_everything_away(platform)


if __name__ == "__main__":
    unittest.main(verbosity=2)

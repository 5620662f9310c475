"""The rendered Compose files really come up: on a Docker Engine, with every container healthy and every target of Prometheus up.

What is started are the files that Tests/PlanningTests/Golden holds, which other tests hold equal to what `hauban render` writes.
Services are small stand-ins, built by the rendered Dockerfiles, that use the credentials and addresses they are handed. Needs
root: `scripts/compose-test.sh` brings the rest.
"""

import json
import os
import re
import shutil
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import engine
import platforms
import stand_ins
from platforms import GOLDEN, HERE, note

PATIENCE = 240


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = platforms.images()
        note("images are there")
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.engine = cls.enterClassContext(engine.Engine(cls.folder, kept))
        note("the engine runs")

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

    def is_watched(self, platform, services, **values):
        """Every replica and every exporter is a target, each rule was evaluated, and containers bear their services' names.

        - Parameter values: of metrics that have to be 1, how many there are.
        """
        targets = platform.targets()
        for name, count in services.items():
            self.assertEqual(sum(one["scrapePool"] == name for one in targets), count, name)
        for group in platform.query("rules")["groups"]:
            for rule in group["rules"]:
                self.assertNotEqual(rule["health"], "err", rule)

        def differs():
            seen = platform.value("count by (service) (container_last_seen)")
            wrong = [(name, seen) for name, count in services.items() if seen.get(json.dumps({"service": name})) != count]
            lines = platform.value("stand_in_lines")
            wrong += [] if lines and min(lines.values()) > 0 else [("stand_in_lines", lines)]
            for metric, count in values.items():
                found = list(platform.value(metric).values())
                wrong += [] if found == [1.0] * count else [(metric, found)]
            return wrong

        self.wait(f"{platform.name}: what is measured is right", differs)

    def takes_everything_away(self, platform):
        own = ["--filter", f"label=com.docker.compose.project={platform.project}"]
        deadline = time.monotonic() + PATIENCE
        while True:
            # Again where something was in use a moment ago; what stays so is told.
            said = platform.compose("down", "--volumes", check=False)
            left = [self.engine.docker(*words, "--quiet", *own) for words in (["ps", "--all"], ["volume", "ls"], ["network", "ls"])]
            if not any(left):
                break
            if time.monotonic() > deadline:
                for network in left[2].split():
                    said += self.engine.docker("network", "inspect", network, check=False)
                self.fail(said + self.engine.docker("ps", "--all", *own) + self.engine.docker("volume", "ls", *own)
                          + stand_ins.read(self.engine.log)[-4000:])
            note(f"{platform.name}: asked again to go: {said.strip().splitlines()[-1:]}")
            time.sleep(2)
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
        platform = platforms.incident_platform(self.engine)
        platform.compose("build", "--quiet")
        note("incident-platform: built")
        for _ in range(2):
            self.comes_up(platform)
            self.assertEqual(self.engine.fetch("http://127.0.0.1:8080/"), "ok\n")
            said = json.loads(self.engine.fetch("http://127.0.0.1:8080/api/incidents/health"))
            self.assertEqual(said["DATABASE_URL"], "incident_management_role")
            self.is_watched(
                platform, {"alert-ingestion": 1, "incident-management": 1, "oncall-service": 1, "web-ui": 1},
                probe_success=4, pg_up=1)
            self.takes_everything_away(platform)

    def personal_assistant(self):
        """Staging, with the control plane outside."""
        world = os.path.join(self.folder, "world")
        os.makedirs(world)
        shutil.copy(os.path.join(HERE, "services/world.py"), world)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=incidents.assistant.example", "-addext", "subjectAltName=DNS:incidents.assistant.example",
             "-keyout", world + "/world.key", "-out", world + "/world.crt"], check=True, capture_output=True)
        with open(world + ".yaml", "w") as file:
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
        platform = platforms.personal_assistant(self.engine, world + ".yaml")
        platform.compose("build", "--quiet")
        note("personal-assistant: built")
        for _ in range(2):
            self.comes_up(platform)
            asked = ["--insecure", "--resolve", "staging.assistant.example:443:127.0.0.1"]
            said = json.loads(self.engine.fetch("https://staging.assistant.example/health", *asked))
            self.assertEqual(said["DATABASE_URL"], "api_role")
            self.assertEqual(said["REDIS_URL"], "api")
            self.is_watched(platform, {"api": 2, "agent": 2, "oauth-manager": 1, "sms": 1}, redis_up=1, pg_up=2)
            self.takes_everything_away(platform)


if __name__ == "__main__":
    unittest.main(verbosity=2)

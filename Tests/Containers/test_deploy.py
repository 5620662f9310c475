"""`hauban deploy` on a Docker Engine: three examples are released, returned, looked at and taken down, from images that are built on
the machine, without any registry.

The binary is run as on a server: among the engine's processes and networks. Sources of services that are not written are stand-ins;
the cognitive sprint is what stands in Examples.
"""

import json
import os
import re
import shutil
import subprocess
import time
import traceback
import unittest
from concurrent.futures import ThreadPoolExecutor

import engine
import platforms
import stand_ins
from deployed import ROOT, Deployed, binary, incidents
from platforms import HERE, note, source


class Deploy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = platforms.images()
        note("images are there")
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = binary(cls.folder)
        cls.engine = cls.enterClassContext(engine.Engine(cls.folder, kept))
        note("the engine runs")

    def test_examples_are_released_and_returned(self):
        names = os.environ.get("ONLY", "cognitive_sprint incident_platform personal_assistant").split()
        failures = []
        with ThreadPoolExecutor() as pool:
            for name, done in [(name, pool.submit(getattr(self, name))) for name in names]:
                if error := done.exception():
                    failures += [f"{name}:", *traceback.format_exception(error)]
        self.assertEqual(failures, [], "\n".join(failures))

    def incident_platform(self):
        """IP-01 by releases, and IP-07's flow: an alert becomes an incident, which the smoke request of every release proves."""
        platform = Deployed(self.engine, self.program, "incident-platform", "demo", 8101)
        incidents(platform)
        self.refuses_what_it_does_not_do(platform)
        self.assertEqual(platform.deploy()["verdict"], "kept")
        self.assertIn("A release was verified", platform.get("/api/incidents"))
        self.assertEqual(platform.get("/"), "ok\n")
        self.is_well(platform, {"alert-ingestion": 1, "incident-management": 1, "oncall-service": 1, "web-ui": 1, "db": 1})
        self.assertEqual(platform.deploy()["verdict"], "unchanged")

        # A replica and a database that somebody took away are work to do.
        for name, line in (("web-ui", "build web-ui: is gone"), ("db", "create db")):
            victim = next(one for one in platform.inspected() if name in (
                one["Config"]["Labels"].get("hauban.resource"), one["Config"]["Labels"].get("hauban.service")))
            self.engine.docker("rm", "--force", victim["Id"])
            self.assertIn(line, platform.hauban("plan", "demo", code=2))
            self.assertEqual(platform.deploy()["verdict"], "kept")
        self.assertIn("A release was verified", platform.get("/api/incidents"))
        self.is_well(platform, {"alert-ingestion": 1, "incident-management": 1, "oncall-service": 1, "web-ui": 1, "db": 1})

        # A release whose smoke request fails is returned, and the data that it wrote stays.
        path = os.path.join(platform.folder, "alert-ingestion/standin.py")
        good = stand_ins.read(path)
        with open(path, "w") as file:
            file.write(good.replace("return 201,", "return 500,"))
        following = os.path.join(platform.folder, "followed")
        with open(following, "w") as file, subprocess.Popen(
                platform.words("logs", "demo", "alert-ingestion", "--follow", "--json"), stdout=file, env=self.engine.environment,
                start_new_session=True) as follower:
            told = platform.deploy(code=3)
            # All of it: who enters a namespace of processes waits outside for who is in it.
            os.killpg(follower.pid, 9)
        followed = [json.loads(line) for line in stand_ins.read(following).splitlines()]
        self.assertEqual(told["verdict"], "returned")
        self.assertIn("POST /api/alerts", told["reason"])
        self.assertIn(told["release"], {entry["release"] for entry in followed}, "whoever follows sees what starts meanwhile")
        lines = platform.hauban("logs", "demo", "alert-ingestion", "--release", told["release"])
        self.assertIn("POST /api/alerts", lines, "what a returned release wrote outlives its containers")
        self.assertIn("A release was verified", platform.get("/api/incidents"))
        with open(path, "w") as file:
            file.write(good + "\n")
        self.assertEqual(platform.deploy()["verdict"], "kept")
        self.no_secret_is_shown(platform)
        self.goes_and_comes_again(platform, lambda: self.assertIn("A release was verified", platform.get("/api/incidents")))

    def cognitive_sprint(self):
        """The real service with its own Dockerfile, its migration, and the site; a real session is created (CS-06)."""
        platform = Deployed(self.engine, self.program, "cognitive-sprint", "box", 8102)
        for part in ("api", "frontend"):
            listed = subprocess.run(
                ["git", "-C", ROOT, "ls-files", "-z", f"Examples/cognitive-sprint/{part}"], check=True, capture_output=True, text=True)
            for name in filter(None, listed.stdout.split("\0")):
                to = os.path.join(self.folder, "cognitive-sprint", os.path.relpath(name, "Examples/cognitive-sprint"))
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy(os.path.join(ROOT, name), to)
        # As `dev`, which needs no key of a language model, but in containers.
        text = stand_ins.read(os.path.join(platform.folder, "hauban.yaml"))
        dev = re.search(r"\n  dev:\n(?:    .*\n)+", text)[0]
        box = dev.replace("  dev:", "  box:").replace("target: local", "target: docker").replace("watch: 10s", "watch: 5s")
        platform.edit(dev, dev + box)
        self.assertEqual(platform.deploy()["verdict"], "kept")
        self.assertIn("<title>", platform.get("/"))
        session = json.loads(platform.get(
            "/api/sessions", "--json", json.dumps({"topic": "Shorter queues at the help desk"})))
        self.is_well(platform, {"api": 2, "summariser": 1, "frontend": 1, "db": 1})

        # A migration that fails stops the release before anything was switched (CS-03).
        bad = os.path.join(platform.folder, "api/migrations/versions/9999_bad.py")
        heads = sorted(os.listdir(os.path.dirname(bad)))
        last = re.search(r'^revision\b.*= "(\w+)"', stand_ins.read(os.path.join(
            os.path.dirname(bad), [name for name in heads if name.endswith(".py")][-1])), re.M)[1]
        with open(bad, "w") as file:
            file.write(f'"""Fails."""\nfrom alembic import op\n\nrevision = "9999"\ndown_revision = "{last}"\n\n\n'
                       'def upgrade() -> None:\n    op.execute("SELECT 1 / 0")\n')
        told = platform.deploy(code=3)
        self.assertIn("migrat", told["reason"])
        os.remove(bad)
        self.assertEqual(json.loads(platform.get("/api/sessions/" + session["id"]))["id"], session["id"])
        self.no_secret_is_shown(platform)
        self.goes_and_comes_again(platform, lambda: self.assertEqual(
            json.loads(platform.get("/api/sessions/" + session["id"]))["id"], session["id"]))

    def personal_assistant(self):
        """Two databases, a cache, a Celery worker, and services that call each other by the front door."""
        platform = Deployed(self.engine, self.program, "personal-assistant", "dev", 8103)
        for service, module in (("api", "api"), ("agent", "agent"), ("oauth-manager", "oauth"), ("sms", "sms")):
            source(platform.folder, "services/" + service, module)
        source(platform.folder, "services/worker")
        shutil.copy(os.path.join(HERE, "services/worker.py"), os.path.join(platform.folder, "services/worker"))
        platform.edit("release: {watch: 5m", "release: {watch: 5s")
        platform.secrets("session-key", "gemini-key", "oauth-encryption-key", "google-client-secret", "microsoft-client-secret",
                         "notion-client-secret", "youtube-client-secret", "twilio-token")
        self.assertEqual(platform.deploy()["verdict"], "kept")
        said = json.loads(platform.get("/health"))
        self.assertEqual(said["REDIS_URL"], "svc_api")
        self.is_well(platform, {
            "api": 1, "agent": 1, "worker": 1, "oauth-manager": 1, "sms": 1, "db": 1, "oauth-db": 1, "cache": 1})

        # `open-ports`: the developer's tools reach a service and a database by the machine's own address.
        ports = {one["name"]: one.get("port") for one in platform.status()["replicas"] if one["kind"] != "frontDoor"}
        self.assertIn('"status":"ok"', self.engine.fetch(f"http://127.0.0.1:{ports['api']}/health"))
        # An SSLRequest, to which every PostgreSQL answers one letter (PostgreSQL, Message Formats).
        letter = subprocess.run(
            self.engine.on_the_server("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{ports['db']}; printf '\\0\\0\\0\\10\\4\\322\\26\\57' >&3;"
                                      " head -c 1 <&3"), capture_output=True, text=True, timeout=30, check=True).stdout
        self.assertEqual(letter, "N")
        self.assertNotIn("drift/", platform.hauban("drift", "dev"))

        # One that dies is started again; a database keeps what it holds.
        for name in ("db", "api"):
            victim = next(one for one in platform.inspected() if name in (
                one["Config"]["Labels"].get("hauban.resource"), one["Config"]["Labels"].get("hauban.service")))
            before = victim["State"]["StartedAt"]
            os.kill(self.process_of(victim), 9)
            self.until(lambda: self.state_of(victim)["StartedAt"] != before and self.state_of(victim)["Running"])
        self.until(lambda: self.assertIn('{"status":"ok"', platform.get("/health")) is None)

        # A release of one service, and back again by the images that were kept.
        with open(os.path.join(platform.folder, "services/sms/standin.py"), "a") as file:
            file.write("# Another one.\n")
        told = platform.deploy()
        self.assertEqual([told["verdict"], told["release"]], ["kept", "r2"])
        back = json.loads(platform.hauban("rollback", "dev", "--json"))
        self.assertEqual(back["verdict"], "kept")
        self.assertLess(back["seconds"], 120)
        self.no_secret_is_shown(platform)
        self.goes_and_comes_again(platform, lambda: self.assertIn('"status":"ok"', platform.get("/health")))

    def test_a_server_that_was_started_anew_serves_again_and_then_by_tls(self):
        """Secrets lie in memory: what needs them is started by the first question for the status, with nothing released.

        Then the environment gets a name and a certificate, which `verify` looks at too.
        """
        folder = engine.folder()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        with engine.Engine(folder, platforms.images()) as server:
            platform = Deployed(server, self.program, "incident-platform", "demo", 8080)
            incidents(platform)
            self.assertEqual(platform.deploy()["verdict"], "kept")
            server.kill()
            server.start()
            server.answers()
            note("the server was started anew")
            platform.status(code=None)
            self.until(lambda: "A release was verified" in platform.get("/api/incidents"))
            self.is_well(platform, {"alert-ingestion": 1, "incident-management": 1, "oncall-service": 1, "web-ui": 1, "db": 1})
            self.assertEqual(platform.deploy()["verdict"], "unchanged")

            name = "incidents.example"
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "60",
                 "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", platform.folder + "/tls.key",
                 "-out", platform.folder + "/tls.crt"], check=True, capture_output=True)
            platform.edit("    target: docker", "\n".join([
                "    target: docker", "    domain: " + name,
                '    tls: {issuer: files, certificate: tls.crt, key: tls.key, minimum: "1.3"}']))
            platform.hauban("deploy", "demo", "--port", "8080", "--https-port", "8443")
            url = f"https://{name}:8443/api/incidents"
            known = ["--resolve", f"{name}:8443:127.0.0.1", "--cacert", platform.folder + "/tls.crt"]
            self.assertIn("A release was verified", server.fetch(url, *known))
            self.assertIn("alert protocol version", server.fetch(url, *known, "--tls-max", "1.2"))
            self.assertIn("Location: " + url, server.fetch(url.replace("https", "http").replace("8443", "8080"), "--include", "--resolve",
                                                           f"{name}:8080:127.0.0.1").replace("location", "Location"))
            platform.hauban("verify", "demo")
            note("it is reached by TLS")

    def refuses_what_it_does_not_do(self, platform):
        """What hauban.yaml says and a deploy does not do is refused with nothing touched, until it is set aside in writing."""
        waiver = "rule: deploy/telemetry"
        platform.edit(waiver, "rule: deploy/traces")
        told = platform.hauban("deploy", "demo", code=1, complaints=True)
        self.assertIn("error: Prometheus and what belongs to it are not started (environment demo) [deploy/telemetry]", told)
        self.assertRegex(told, r"hauban\.yaml:\d+:\d+: error")
        self.assertIn("note: `web-ui` is not started again when it fails `live` [deploy/live]: waived by platform until 2027-06-30", told)
        self.assertEqual(platform.inspected(), [])
        self.assertEqual(self.engine.docker("network", "ls", "--quiet", "--filter", f"label=hauban.platform={platform.name}"), "")
        told = platform.hauban("plan", "demo", code=2, complaints=True)
        self.assertIn("[deploy/telemetry]", told)
        platform.edit("rule: deploy/traces", waiver)
        self.assertNotIn("error", platform.hauban("plan", "demo", code=2, complaints=True))

    # What is asked of each.

    def is_well(self, platform, expected):
        def counts():
            status = platform.status()
            found = {}
            for one in status["replicas"]:
                if one["kind"] != "frontDoor":
                    found[one["name"]] = found.get(one["name"], 0) + (one["state"] == "ready")
            return found

        self.until(lambda: counts() == expected)
        self.assertEqual(platform.status()["address"], f"http://127.0.0.1:{platform.port}")

    def no_secret_is_shown(self, platform):
        """By nobody who may look at containers, or at the list of processes."""
        values = [stand_ins.read(os.path.join(found, name)).strip()
                  for found, _, names in os.walk(os.path.join(self.folder, "s"))
                  if os.path.basename(found) == "secrets" and platform.name in found for name in names]
        values = [value for value in values if len(value) >= 12]
        self.assertTrue(values, platform.name)
        shown = json.dumps(platform.inspected())
        shown += subprocess.run(self.engine.on_the_server("ps", "-eo", "args"), check=True, capture_output=True, text=True).stdout
        for value in values:
            self.assertNotIn(value, shown)

    def goes_and_comes_again(self, platform, question):
        platform.hauban("down", platform.environment)
        self.assertEqual(platform.inspected(), [])
        networks = self.engine.docker("network", "ls", "--quiet", "--filter", f"label=hauban.platform={platform.name}")
        self.assertEqual(networks, "")
        self.assertEqual(platform.deploy()["verdict"], "kept")
        question()
        platform.hauban("down", platform.environment)
        note(f"{platform.name}: it went, came with its data, and went")

    def state_of(self, container):
        return json.loads(self.engine.docker("inspect", container["Id"]))[0]["State"]

    def process_of(self, container):
        """The same process by the number that it has outside."""
        spaces = f"/proc/{self.engine.process.pid}/ns/pid_for_children"
        wanted = os.stat(spaces).st_ino
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and container["Id"] in stand_ins.read(f"/proc/{entry}/cgroup"):
                    text = stand_ins.read(f"/proc/{entry}/status")
                    numbers = re.search(r"^NSpid:\t(.*)$", text, re.M)[1].split()
                    if len(numbers) > 1 and numbers[1] == str(self.state_of(container)["Pid"]):
                        return int(entry)
            except (OSError, TypeError):
                continue
        raise AssertionError(f"{container['Name']} has no process in {wanted}")

    def until(self, question):
        deadline = time.monotonic() + 180
        while True:
            try:
                if question():
                    return
            except (ValueError, AssertionError, KeyError):
                if time.monotonic() > deadline:
                    raise
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)


if __name__ == "__main__":
    unittest.main(verbosity=2)

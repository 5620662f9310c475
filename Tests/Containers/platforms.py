"""Two examples as a team has them after `hauban render`: in a folder of its own, with sources of services that are not written."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import engine
import stand_ins

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "PlanningTests", "Golden")
PLATFORMS = [os.path.join(GOLDEN, "render", part, name) for part in ("compose", "images")
             for name in ("cognitive-sprint", "incident-platform", "personal-assistant")]
SPRINT = os.path.join(HERE, "../../Examples/cognitive-sprint/api")
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
        self.sources()
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

    def sources(self):
        """The source of each service: a module that its command names, and whatever else."""
        if self.name == "incident-platform":
            for service, module in (("alert-ingestion", "ingestion"), ("incident-management", "incidents"),
                                    ("oncall-service", "oncall")):
                self.source(service, module)
            # npm is not here: the page's image is the test's own.
            shutil.copytree(os.path.join(HERE, "services/web-ui"), os.path.join(self.folder, "web-ui"), dirs_exist_ok=True)
        else:
            for service, module in (("api", "api"), ("agent", "agent"), ("oauth-manager", "oauth"), ("sms", "sms")):
                self.source("services/" + service, module)
            self.source("services/worker")
            shutil.copy(os.path.join(HERE, "services/worker.py"), os.path.join(self.folder, "services/worker"))

    def source(self, path, module=None):
        source(self.folder, path, module)

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


def source(folder, path, module=None):
    """The source of a service that is not written."""
    folder = os.path.join(folder, path)
    os.makedirs(folder, exist_ok=True)
    if module:
        os.makedirs(os.path.join(folder, module))
        with open(os.path.join(folder, module, "main.py"), "w") as file:
            file.write("from standin import app  # noqa: F401\n")
        shutil.copy(os.path.join(HERE, "services/standin.py"), folder)
    with open(os.path.join(folder, "requirements.txt"), "w") as file:
        file.write("# Everything is in the base.\n")
    shutil.copytree(os.path.join(HERE, "services/migrations"), os.path.join(folder, "migrations"))
    shutil.copy(os.path.join(HERE, "services/alembic.ini"), folder)


def incident_platform(engine):
    """By one file, found by its name: IP-01."""
    platform = Platform(engine, "incident-platform", "demo", ["compose.yaml"])
    platform.words = ["compose"]
    return platform


def personal_assistant(engine, *more):
    """In staging: a base and an overlay."""
    return Platform(engine, "personal-assistant", "staging", ["compose.yaml", "compose.staging.yaml", *more],
                    RELEASE="1", GRAFANA_PORT="3001")


# Services of the personal assistant's production, by the names of their images.
REGISTRY = "registry.assistant.example/services-"
SERVICES = ("agent", "api", "oauth-manager", "sms", "worker")


def images():
    """A folder of every image, built once: an engine's own, from which each engine takes links.

    What is not as it was when they were built is built anew: a change of a Dockerfile, rendered or of the stand-ins, included.
    """
    known = set()
    marks = hashlib.sha256(" ".join(stand_ins.PACKAGES + stand_ins.NEWER).encode())
    marks.update(stand_ins.read(os.path.join(SPRINT, "requirements.txt")).encode())
    for path in (*PLATFORMS, os.path.join(SPRINT, "Dockerfile"), *(os.path.join(HERE, part) for part in ("stand_ins.py", "platforms.py", "images", "services"))):
        for found, folders, names in os.walk(path) if os.path.isdir(path) else [(os.path.dirname(path), [], [path])]:
            folders.sort()
            for name in sorted(names):
                text = "" if name.endswith(".pyc") else stand_ins.read(os.path.join(found, name))
                if re.fullmatch(r"compose[.\w]*yaml", name):
                    known |= set(re.findall(r"^    image: \"?([^\s$\"]+:[^\s$\"]+)\"?$", text, re.M))
                elif "render/compose" not in found:
                    marks.update(f"{os.path.basename(name)}\0{text}\0".encode())
                if os.path.basename(name) == "Dockerfile":
                    known |= set(re.findall(r"^FROM (\S+)", text, re.M))
    known = sorted(name for name in known if name.split(":")[0] in stand_ins.IMAGES)
    marks.update(" ".join(known).encode())
    kept = os.path.join(stand_ins.CACHE, "images-" + marks.hexdigest()[:16])
    if os.path.isdir(kept):
        return kept
    with ThreadPoolExecutor() as pool:
        for made in [pool.submit(stand_ins.base), pool.submit(stand_ins.newer), pool.submit(stand_ins.wheels)]:
            made.result()
    folder = engine.folder()
    try:
        with engine.Engine(folder) as builder:
            stand_ins.build(builder, known)
            note("stand-ins are built")
            for platform in (incident_platform(builder), personal_assistant(builder)):
                platform.compose("build", "--quiet")
                note(f"{platform.name}: built")
            for service in SERVICES:
                context = os.path.join(platform.folder, "services", service)
                builder.docker("build", "--quiet", "--tag", f"{REGISTRY}{service}:1", context)
            # A release that never becomes healthy.
            context = os.path.join(platform.folder, "services/api")
            with open(os.path.join(context, "sick"), "w"):
                builder.docker("build", "--quiet", "--tag", REGISTRY + "api:2", context)
        for entry in os.scandir(stand_ins.CACHE):
            if entry.name.startswith("images-"):
                shutil.rmtree(entry.path)
        os.makedirs(os.path.join(folder, "kept"))
        for part in ("image", "overlay2"):
            os.rename(os.path.join(folder, "data", part), os.path.join(folder, "kept", part))
        os.rename(os.path.join(folder, "kept"), kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return kept

"""An example with the commands of its team, run as on the server that an engine is."""

import json
import os
import shutil
import subprocess

import stand_ins
from platforms import HERE, note, source

ROOT = os.path.abspath(os.path.join(HERE, "../.."))
HAUBAN = os.environ.get("HAUBAN", os.path.join(ROOT, ".build/debug/hauban"))


def binary(folder):
    """The built program, without what a debugger wants: it is a quarter of the size."""
    program = os.path.join(folder, "hauban")
    subprocess.run(["strip", "-o", program, HAUBAN], check=True)
    return program


class Deployed:
    """An example in a folder of its own, with the commands of its team.

    - Parameter text: a `hauban.yaml` in place of the example's.
    """

    def __init__(self, engine, program, name, environment, port, text=None):
        self.engine, self.program, self.name, self.environment, self.port = engine, program, name, environment, port
        self.folder = os.path.join(engine.folder, name)
        self.copy_example(text)

    def copy_example(self, text=None):
        os.makedirs(self.folder)
        if text is None:
            shutil.copy(os.path.join(ROOT, "Examples", self.name, "hauban.yaml"), self.folder)
        else:
            with open(os.path.join(self.folder, "hauban.yaml"), "w") as file:
                file.write(text)
        if os.path.isdir(os.path.join(ROOT, "Examples", self.name, "runbooks")):
            shutil.copytree(os.path.join(ROOT, "Examples", self.name, "runbooks"), os.path.join(self.folder, "runbooks"))

    def edit(self, old, new):
        path = os.path.join(self.folder, "hauban.yaml")
        text = stand_ins.read(path)
        assert old in text, f"{self.name}: there is no {old}"
        with open(path, "w") as file:
            file.write(text.replace(old, new))

    def hauban(self, *words, code=0, given=None, complaints=False):
        """What it prints on its output.

        - Parameters:
          - code: that it must exit with; `None` is any.
          - complaints: what it prints on its error output instead.
        """
        done = self.call(*words, given=given or "")
        if code is not None and done.returncode != code:
            raise AssertionError(
                f"{self.name}: hauban {' '.join(words)} exited with {done.returncode} and not {code}\n{done.stdout}{done.stderr}")
        return done.stderr if complaints else done.stdout

    def words(self, *words):
        return self.engine.on_the_server(
            "env", "-C", self.folder, f"HAUBAN_STATE={self.engine.folder}/s", "DOCKER_HOST=unix:///run/docker.sock",
            self.program, *words)

    def call(self, *words, given=""):
        return subprocess.run(
            self.words(*words), input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.engine.environment, timeout=900)

    def secrets(self, *names):
        for name in names:
            self.hauban("secrets", "set", name, "--env", self.environment, given=f"value-of-{name}-0123456789")

    def deploy(self, code=0):
        said = self.hauban("deploy", self.environment, "--port", str(self.port), "--label", "test", "--json", code=None)
        told = json.loads(said)
        note(f"{self.name}: {told.get('release')} {told['verdict']} in {told['seconds']:.0f} s")
        if {"kept": 0, "unchanged": 0, "returned": 3}.get(told["verdict"]) != code:
            logs = "\n".join(f"{name}: {line}" for name, lines in told["logs"].items() for line in lines)
            raise AssertionError(f"{self.name}: {told['verdict']}: {told.get('reason')}\n{told.get('hint')}\n{logs}")
        return told

    def status(self, code=0):
        return json.loads(self.hauban("status", self.environment, "--json", code=code))

    def get(self, path, *options):
        return self.engine.fetch(f"http://127.0.0.1:{self.port}{path}", *options)

    def inspected(self):
        ids = self.engine.docker("ps", "--all", "--quiet", "--filter", f"label=hauban.platform={self.name}").split()
        return json.loads(self.engine.docker("inspect", *ids)) if ids else []


def incidents(platform):
    """The incident platform's services, which are not written, a short watch, and its secret."""
    for service, module in (("alert-ingestion", "ingestion"), ("incident-management", "incidents"), ("oncall-service", "oncall")):
        source(platform.folder, service, module)
    shutil.copytree(os.path.join(HERE, "services/web-ui"), os.path.join(platform.folder, "web-ui"))
    platform.edit("\nrelease:\n", "\nrelease:\n  watch: 5s\n")
    platform.secrets("ingest-token")

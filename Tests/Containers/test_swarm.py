"""The rendered Swarm stack really converges, returns a release that does not become healthy, and outlives a server.

What is started is the production of the personal assistant, on three engines. The kernel that CI has knows no virtual servers
(IPVS), so names resolve to the addresses of replicas there: the one thing that is said differently from what is rendered.
"""

import json
import os
import shutil
import subprocess
import time
import unittest

import engine
import platforms
import stand_ins
import swarm
from platforms import HERE, note

PATIENCE = 300
STACK = "personal-assistant"
REPLICAS = {"agent": 3, "api": 3, "oauth-manager": 2, "sms": 2, "worker": 4}


class Stack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kept = platforms.images()
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.swarm = cls.enterClassContext(swarm.Swarm(cls.folder, kept, 3))
        cls.manager = cls.swarm.nodes[0]
        note("the Swarm is there")

    def setUp(self):
        self.platform = platforms.Platform(
            self.manager, STACK, "prod", ["compose.yaml", "compose.prod.yaml"], RELEASE="1")
        with open(os.path.join(self.platform.folder, "kernel.yaml"), "w") as file:
            file.write("# No IPVS: names resolve to replicas themselves.\nservices:\n")
            for name in sorted(self.platform.config["services"]):
                file.write(f"  {name}: {{deploy: {{endpoint_mode: dnsrr}}}}\n")

    def deploy(self, *more, check=True):
        files = [word for name in ("compose.yaml", "compose.prod.yaml", "kernel.yaml", *more) for word in ("-c", name)]
        # As the file's first lines say; no registry is there to be asked for digests.
        return self.manager.docker(
            "stack", "deploy", "--with-registry-auth", "--detach=true", "--resolve-image", "never", *files, STACK,
            cwd=self.platform.folder, env=self.platform.variables, check=check)

    def wait(self, what, question):
        deadline = time.monotonic() + PATIENCE
        while True:
            wrong = question()
            if not wrong:
                note(what)
                return
            if time.monotonic() > deadline:
                print(self.manager.docker(
                    "stack", "ps", "--no-trunc", "--format", "{{.Name}} {{.Node}} {{.CurrentState}} {{.Error}}", STACK))
                for name in {str(one).split(":")[0] for one in wrong}:
                    print(self.manager.docker("service", "logs", "--tail", "10", f"{STACK}_{name}", check=False, timeout=30))
                self.fail(f"not {what}: " + "\n".join(map(str, wrong)))
            time.sleep(1)

    def services(self):
        lines = self.manager.docker("stack", "services", "--format", "{{.Name}} {{.Replicas}}", STACK).splitlines()
        return {name.removeprefix(STACK + "_"): count for name, _, count in (line.partition(" ") for line in lines)}

    def unfinished(self):
        """Services of which a replica is not there: a task with a health check counts once it is healthy."""
        found = self.services()
        wrong = [f"{name}: is missing" for name in set(self.platform.config["services"]) - set(found)]
        for name, count in sorted(found.items()):
            words = count.split()
            if name.endswith("-migrate"):
                is_well = count.endswith("(1/1 completed)")
            else:
                here, _, wanted = words[0].partition("/")
                is_well = here == wanted
            wrong += [] if is_well else [f"{name}: {count}"]
        return wrong

    def tasks(self, name, state="running"):
        """The node of each task of a service that is to run and is in a state, with its image."""
        lines = self.manager.docker(
            "service", "ps", "--no-trunc", "--filter", "desired-state=running", "--format",
            "{{.Node}} {{.Image}} {{.CurrentState}}", f"{STACK}_{name}").splitlines()
        return sorted(
            (node, image) for node, image, now in (line.split(" ", 2) for line in lines) if now.lower().startswith(state))

    def query(self, path):
        found = self.manager.docker("ps", "--quiet", "--filter", f"name={STACK}_prometheus.1.").split()
        text = self.manager.docker("exec", found[0], "wget", "-q", "-O", "-", "http://127.0.0.1:9090/api/v1/" + path)
        return json.loads(text)["data"]

    def unseen(self):
        """What Prometheus does not see: a task or exporter, whose it is, or what it says. Outside there is nobody to be asked."""
        targets = [one for one in self.query("targets?state=active")["activeTargets"] if one["scrapePool"] != "hauban"]
        wrong = [f"prometheus: {one['scrapeUrl']} {one['lastError']}" for one in targets if one["health"] != "up"]
        pools = [one["scrapePool"] for one in targets]
        for name, count in (*REPLICAS.items(), ("exporter/node", 3), ("exporter/cadvisor", 3), ("monitoring/alloy", 3)):
            if name != "worker" and pools.count(name) != count:
                wrong.append(f"prometheus: {pools.count(name)} targets of {name}")
        seen = {one["metric"].get("service"): int(one["value"][1])
                for one in self.query("query?query=count%20by%20(service)%20(container_last_seen)")["result"]}
        wrong += [f"cadvisor: {name}: {seen}" for name, count in REPLICAS.items() if seen.get(name, 0) < count]
        lines = {one["metric"]["of"] for one in self.query("query?query=stand_in_lines%3E0")["result"]}
        wrong += [f"alloy: no line of {name}: {lines}" for name in REPLICAS if f"{STACK}_{name}" not in lines]
        return wrong

    def update(self, name):
        return json.loads(self.manager.docker("service", "inspect", f"{STACK}_{name}"))[0].get("UpdateStatus", {})

    def test_the_stack_converges_returns_a_sick_release_and_outlives_a_server(self):
        labels = {"node1": ["edge", "monitoring"], "node2": ["db", "oauth-db", "cache"]}
        for node, names in labels.items():
            for name in names:
                self.manager.docker("node", "update", "--label-add", f"{STACK}.{name}=true", node)
        self.deploy()
        note("deployed")
        self.wait("every replica is healthy and every migration done", self.unfinished)
        for name in ("agent", "api"):
            self.assertEqual(
                self.tasks(name), [(f"node{number}", f"{platforms.REGISTRY}{name}:1") for number in (1, 2, 3)])
        asked = ["--insecure", "--resolve", "assistant.example:443:127.0.0.1", "https://assistant.example/health"]
        said = json.loads(self.manager.fetch(asked[-1], *asked[:-1]))
        self.assertEqual((said["DATABASE_URL"], said["REDIS_URL"]), ("api_role", "api"))

        # A release of one service that is never healthy.
        with open(os.path.join(self.platform.folder, "sick.yaml"), "w") as file:
            file.write(f"services: {{api: {{image: '{platforms.REGISTRY}api:2'}}}}\n")
        self.deploy("sick.yaml")
        note("a sick release is deployed")
        self.wait("the sick release is on its way", lambda: [
            f"api: {self.update('api')}" for state in [self.update("api").get("State")]
            if state not in ("updating", "rollback_started", "rollback_completed")])
        # Meanwhile all that goes on is seen.
        self.wait("every target is up", self.unseen)
        # Until it is returned the old release answers, by all of its replicas.
        missing = []

        def returns():
            update = self.update("api")
            if len([one for one in self.tasks("api") if one[1].endswith(":1")]) < 3:
                missing.append(self.tasks("api"))
            return [] if update["State"] == "rollback_completed" else [f"api: {update}"]

        self.wait("the sick release is returned", returns)
        self.assertEqual(missing, [])
        self.assertEqual({image for _, image in self.tasks("api")}, {platforms.REGISTRY + "api:1"})
        self.assertEqual(self.unfinished(), [])

        # The server that keeps no data falls.
        self.swarm.nodes[2].kill()
        note("node3 is killed")
        self.wait("replicas are moved to the others", lambda: [
            f"{name}: {self.tasks(name)}" for name, count in REPLICAS.items()
            if len([one for one in self.tasks(name) if one[0] != "node3"]) < count])
        said = json.loads(self.manager.fetch(asked[-1], *asked[:-1]))
        self.assertEqual(said["DATABASE_URL"], "api_role")


if __name__ == "__main__":
    unittest.main(verbosity=2)

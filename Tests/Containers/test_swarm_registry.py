"""`hauban deploy` on a Swarm of three servers that have no image in common: what is built on the first reaches the others by a registry.

The registry is Debian's, at an address of its own beside the servers, by TLS with an authority that the engines are told to trust, and
closed: it asks for a name and a password, which only a keychain's helper on the manager has.
"""

import json
import os
import shutil
import subprocess
import tarfile
import time
import unittest

import engine
import swarm
from deployed import Deployed, binary
from platforms import note

ADDRESS = "10.213.0.254:5000"
PASSWORD = "s3cret-of-ci"
FILE = """\
hauban: 1
platform: shelf
services:
  web:
    source: web
    stack: docker
    run: [/bin/busybox, httpd, -f, -p, "8080", -h, /www]
    port: 8080
    health: {exec: [/bin/busybox, wget, -q, -O, /dev/null, "http://127.0.0.1:8080/"], interval: 1s}
    scale: 3
    expose: {path: /}
    smoke: [{get: /, expect: {contains: version}}]
release: {watch: 2s}
environments:
  prod:
    target: swarm
"""


class Registry:
    """Debian's `docker-registry`, in the network that holds the servers' bridge."""

    def __init__(self, folder, bridge):
        self.folder, self.bridge = folder, bridge
        self.process = None

    def __enter__(self):
        certificates = os.path.join(self.folder, "trust", "certs.d", ADDRESS)
        os.makedirs(certificates)
        authority = ["-CA", "ca.crt", "-CAkey", "ca.key"]
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        for words in (
                [*new, "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt"],
                [*new, *authority, "-subj", "/CN=registry", "-addext", "subjectAltName=IP:" + ADDRESS.split(":")[0],
                 "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "registry.key", "-out", "registry.crt"]):
            subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
        shutil.copy(os.path.join(self.folder, "ca.crt"), certificates)
        # The user ci with its password: bcrypt, the only form that it takes.
        with open(os.path.join(self.folder, "htpasswd"), "w") as file:
            file.write("ci:$2b$04$snU5wMLzCSY11dw/TNI27ec36mMBUEmClADD2dSHLmkj3KyssVBUm\n")
        with open(os.path.join(self.folder, "registry.yml"), "w") as file:
            json.dump({
                "version": 0.1, "log": {"level": "error"},
                "storage": {"filesystem": {"rootdirectory": os.path.join(self.folder, "store")}},
                "http": {"addr": ADDRESS, "tls": {
                    "certificate": os.path.join(self.folder, "registry.crt"), "key": os.path.join(self.folder, "registry.key")}},
                "auth": {"htpasswd": {"realm": "test", "path": os.path.join(self.folder, "htpasswd")}}}, file)
        with open(os.path.join(self.folder, "registry.log"), "w") as log:
            self.process = subprocess.Popen(
                [*engine.WITH_US, "nsenter", f"--net=/proc/{self.bridge.pid}/ns/net", "docker-registry", "serve",
                 os.path.join(self.folder, "registry.yml")], stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Workers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = binary(cls.folder)
        cls.swarm = cls.enterClassContext(swarm.Swarm(cls.folder, None, 3))
        cls.manager = cls.swarm.nodes[0]
        cls.registry = cls.enterClassContext(Registry(cls.folder, cls.swarm.bridge))
        for node in cls.swarm.nodes:
            # What an engine trusts it reads anew for each registry that it asks.
            subprocess.run(node.on_the_server("mount", "--bind", cls.folder + "/trust", "/etc/docker"), check=True)
        note("the Swarm and a registry are there")

    def setUp(self):
        self.platform = Deployed(self.manager, self.program, "shelf", "prod", 8104, text=FILE)
        os.makedirs(self.platform.folder + "/web")
        with open(self.platform.folder + "/web/Dockerfile", "w") as file:
            file.write("FROM scratch\nADD root.tar /\nCOPY index.html /www/index.html\n")
        with tarfile.open(self.platform.folder + "/web/root.tar", "w") as tar:
            tar.add("/bin/busybox", "bin/busybox")
            link = tarfile.TarInfo("bin/sh")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        self.say("version one")

    def say(self, text):
        with open(self.platform.folder + "/web/index.html", "w") as file:
            file.write(text + "\n")

    def keychain(self):
        """A helper on the PATH that knows one registry, as `docker login` leaves it where a keychain is set up."""
        os.makedirs(self.folder + "/bin")
        with open(self.folder + "/bin/docker-credential-ring", "w") as file:
            file.write(f"""#!/bin/sh
read -r address || true
[ "$1 $address" = 'get {ADDRESS}' ] || {{ echo 'credentials not found in native keychain'; exit 1; }}
echo '{{"ServerURL":"{ADDRESS}","Username":"ci","Secret":"{PASSWORD}"}}'
""")
        os.chmod(self.folder + "/bin/docker-credential-ring", 0o755)
        self.manager.environment["PATH"] = self.folder + "/bin:" + self.manager.environment["PATH"]
        with open(self.manager.environment["DOCKER_CONFIG"] + "/config.json", "w") as file:
            json.dump({"credHelpers": {ADDRESS: "ring"}}, file)

    def images(self, node):
        """What a server has of the service, by its digests."""
        return {line for line in node.docker("image", "ls", "--digests", "--format", "{{.Repository}}@{{.Digest}}").splitlines()
                if line.startswith(ADDRESS)}

    def where(self):
        """The server and image of each replica that runs."""
        names = self.manager.docker("service", "ls", "--quiet", "--filter", "label=hauban.service=web").split()
        lines = self.manager.docker(
            "service", "ps", "--no-trunc", "--filter", "desired-state=running", "--format", "{{.Node}} {{.Image}}", *names).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def refused(self, code):
        said = self.platform.hauban("deploy", "prod", "--port", "8104", "--label", "test", "--json", code=None)
        self.assertIn(code, said)

    def test_what_is_built_on_one_server_runs_on_all(self):
        self.refused("registry-missing")
        self.platform.edit("target: swarm\n", f"target: swarm\n    registry: {ADDRESS}/team\n")
        self.refused("registry-refuses")
        self.keychain()
        nodes = self.swarm.nodes
        self.assertEqual([self.images(node) for node in nodes[1:]], [set(), set()])

        began = time.monotonic()
        self.assertEqual(self.platform.deploy()["verdict"], "kept")
        self.assertEqual(self.platform.get("/"), "version one\n")
        first = self.where()
        self.assertEqual(sorted(first), ["node1", "node2", "node3"], "one replica on each server")
        self.assertEqual(len(set(first.values())), 1)
        pinned = first["node2"]
        self.assertRegex(pinned, f"^{ADDRESS}/team/.*@sha256:[0-9a-f]{{64}}$")
        for node in nodes[1:]:
            self.assertEqual({name.split("@")[1] for name in self.images(node)}, {pinned.split("@")[1]}, node.name)
        # A worker by itself has no way in: Swarm handed it the manager's.
        node = nodes[2]
        asked = ["--insecure", "--output", "/dev/null", "--write-out", "%{http_code}"]
        self.assertEqual(node.fetch(f"https://{ADDRESS}/v2/team/web/manifests/{pinned.split('@')[1]}", *asked), "401")

        # A release whose smoke request fails is on all servers too, and is returned to what they have.
        self.say("nothing")
        told = self.platform.deploy(code=3)
        self.assertEqual(told["verdict"], "returned")
        self.assertEqual(self.platform.get("/"), "version one\n")
        self.assertEqual(set(self.where().values()), set(first.values()))
        self.say("version two")
        self.assertEqual(self.platform.deploy()["verdict"], "kept")
        self.assertEqual(self.platform.get("/"), "version two\n")
        # Back to images that a worker has lost: they are fetched again.
        for one in node.docker("image", "ls", "--quiet", "--filter", f"reference={ADDRESS}/team/*").split():
            node.docker("image", "rm", "--force", one, check=False)
        back = json.loads(self.platform.hauban("rollback", "prod", "--json"))
        self.assertEqual(back["verdict"], "kept")
        self.assertEqual(self.platform.get("/"), "version one\n")
        self.assertEqual(sorted(self.where()), ["node1", "node2", "node3"])
        self.assertIn(pinned.split("@")[1], {name.split("@")[1] for name in self.images(node)})
        for found in (json.dumps(self.platform.inspected()), self.manager.docker("service", "inspect", *self.manager.docker(
                "service", "ls", "--quiet").split())):
            self.assertNotIn(PASSWORD, found)
        note(f"three releases over three servers and a way back in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    unittest.main(verbosity=2)

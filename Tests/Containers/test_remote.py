"""`hauban deploy` to the Docker Engine of another machine, over TCP with TLS and over SSH, by two people with a folder each.

They are outside of the server's files and processes, and reach nothing of it but its ports.
"""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import engine
import platforms
import stand_ins
from deployed import Deployed, binary, incidents
from platforms import note


def certificates(folder):
    """Those by which an engine and who speaks to it know each other, with the names that Docker gives them."""
    os.makedirs(folder)

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "30", "-subj", "/CN=engines", "-keyout", "ca-key.pem", "-out", "ca.pem")
    for name, more in (("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth"), ("client", "extendedKeyUsage=clientAuth")):
        with open(os.path.join(folder, name + ".ext"), "w") as file:
            file.write(more)
        openssl("req", *key, "-subj", "/CN=" + name, "-keyout", name + "-key.pem", "-out", name + ".csr")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "30",
                "-extfile", name + ".ext", "-out", name + ".pem")
    os.makedirs(os.path.join(folder, "mine"))
    for name, to in (("ca.pem", "ca.pem"), ("client.pem", "cert.pem"), ("client-key.pem", "key.pem")):
        shutil.copy(os.path.join(folder, name), os.path.join(folder, "mine", to))


class FromElsewhere(Deployed):
    """The folder of somebody who has no more of the server than `address`."""

    def __init__(self, engine, program, folder, address):
        self.engine, self.program, self.name, self.environment, self.port = engine, program, "incident-platform", "demo", 8080
        self.folder = os.path.join(folder, "incident-platform")
        self.copy_example()
        self.variables = {
            **{name: value for name, value in engine.environment.items() if not name.startswith("DOCKER_")},
            "HAUBAN_STATE": os.path.join(folder, "state"), "DOCKER_CONFIG": os.path.join(folder, "config"), **address,
        }

    def words(self, *words):
        return self.engine.inside("env", "-C", self.folder, self.program, *words)

    def call(self, *words, given=""):
        return subprocess.run(
            self.words(*words), input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.variables, timeout=600)


class Remote(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = binary(cls.folder)
        tls = os.path.join(cls.folder, "tls")
        certificates(tls)
        cls.server = cls.enterClassContext(engine.Engine(os.path.join(cls.folder, "server"), platforms.images(), more=[
            "--host", "tcp://127.0.0.1:2376", "--tlsverify", "--tlscacert", tls + "/ca.pem", "--tlscert", tls + "/server.pem",
            "--tlskey", tls + "/server-key.pem"]))
        cls.by_tls = {"DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": tls + "/mine"}
        cls.by_ssh = cls.sshd()
        note("the engine runs")

    @classmethod
    def sshd(cls):
        """A server of its own for SSH, and how to get in."""
        folder = os.path.join(cls.folder, "ssh")
        os.makedirs(folder)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name)], check=True)
        with open(folder + "/sshd", "w") as file:
            file.write(f"Port 2222\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
                       "StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\nMaxStartups 64\n")
        with open(folder + "/known", "w") as file:
            file.write("[127.0.0.1]:2222 " + stand_ins.read(folder + "/host.pub"))
        # ssh reads the configuration of who the machine says that one is; a person's would be in ~/.ssh.
        os.makedirs(folder + "/bin")
        with open(folder + "/bin/ssh", "w") as file:
            file.write(f"#!/bin/sh\nexec /usr/bin/ssh -F none -i {folder}/user -o UserKnownHostsFile={folder}/known \"$@\"\n")
        os.chmod(folder + "/bin/ssh", 0o755)
        log = open(folder + "/log", "w")
        cls.addClassCleanup(log.close)
        process = subprocess.Popen(
            cls.server.on_the_server("sh", "-c", "mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f \"$0\"", folder + "/sshd"),
            stdout=log, stderr=log)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        return {"DOCKER_HOST": "ssh://root@127.0.0.1:2222", "PATH": folder + "/bin:" + os.environ["PATH"]}

    def test_two_people_release_to_one_server(self):
        one = FromElsewhere(self.server, self.program, os.path.join(self.folder, "one"), self.by_tls)
        two = FromElsewhere(self.server, self.program, os.path.join(self.folder, "two"), self.by_ssh)
        incidents(one)
        incidents(two)
        self.assertEqual(one.deploy()["verdict"], "kept")
        note("released over TCP with TLS")
        self.assertIn("A release was verified", one.get("/api/incidents"))

        # The other one sees the same releases, over SSH, and has a bad one returned.
        history = json.loads(two.hauban("history", "demo", "--json"))
        self.assertEqual([entry["id"] for entry in history], ["r1"])
        self.assertIn(" on " + os.uname().nodename, history[0]["who"])
        self.assertEqual(two.deploy()["verdict"], "unchanged")
        path = os.path.join(two.folder, "alert-ingestion/standin.py")
        good = stand_ins.read(path)
        with open(path, "w") as file:
            file.write(good.replace("return 201,", "return 500,"))
        told = two.deploy(code=3)
        self.assertIn("POST /api/alerts", told["reason"])
        self.assertIn("A release was verified", one.get("/api/incidents"))
        note("returned over SSH")

        # A caller that is killed leaves a release that goes on.
        with open(os.path.join(one.folder, "alert-ingestion/standin.py"), "a") as file:
            file.write("# Another one.\n")
        caller = subprocess.Popen(one.words("deploy", "demo"), env=one.variables, stdout=subprocess.PIPE, text=True)
        for line in caller.stdout:
            if "start" in line:
                break
        caller.send_signal(signal.SIGKILL)
        caller.wait()
        caller.stdout.close()
        deadline = time.monotonic() + 120
        while True:
            newest = json.loads(two.hauban("history", "demo", "--json"))[0]
            if newest["id"] == "r3" and newest.get("verdict"):
                break
            self.assertLess(time.monotonic(), deadline, newest)
            time.sleep(1)
        self.assertEqual(newest["verdict"], "kept")
        note("a release whose caller was killed was kept")
        two.hauban("verify", "demo")
        self.assertIn("alert-ingestion", two.hauban("logs", "demo", "--last", "5", "alert-ingestion"))
        self.nothing_is_left(one, two)

        one.hauban("down", "demo")
        # The command whose caller was killed is kept for a while, for who would look.
        left = [(found["Config"]["Labels"]["hauban.kind"], found["State"]["Running"]) for found in one.inspected()]
        self.assertEqual(left, [("remote", False)])

    def test_what_cannot_be_reached_says_why(self):
        someone = FromElsewhere(self.server, self.program, os.path.join(self.folder, "someone"), {
            "DOCKER_HOST": "tcp://127.0.0.1:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": self.folder})
        done = someone.call("status", "demo")
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.folder + "/cert.pem", done.stderr)
        someone.variables["DOCKER_HOST"] = "ssh://root@127.0.0.1:2223"
        done = someone.call("status", "demo")
        self.assertEqual(done.returncode, 1)
        self.assertIn("docker-unreachable", done.stderr)
        done = someone.call("up", "demo")
        self.assertIn("docker-remote", done.stderr)
        someone.edit("\nrelease:\n", "\nrelese:\n")
        someone.variables.update(self.by_tls)
        done = someone.call("deploy", "demo")
        self.assertEqual(done.returncode, 1)
        self.assertIn("hauban.yaml:", done.stderr + done.stdout)

    def nothing_is_left(self, *people):
        """Of commands that ended, on the server; of what the server knows, with those who called."""
        values = [stand_ins.read(os.path.join(found, name)).strip() for found, _, names in os.walk(self.server.folder + "/kept")
                  if os.path.basename(found) == "secrets" for name in names]
        self.assertTrue(any(value.startswith("value-of-ingest-token") for value in values))
        shown = json.dumps(people[0].inspected())
        for value in values:
            self.assertNotIn(value, shown)
        for person in people:
            self.assertFalse(os.path.exists(person.variables["HAUBAN_STATE"]), "state with who called")
        handed = subprocess.run(
            self.server.on_the_server("find", "/run/hauban/remote", "-type", "f"), capture_output=True, text=True).stdout
        self.assertEqual(handed, "")
        running = self.server.docker("ps", "--quiet", "--filter", "label=hauban.kind=remote")
        self.assertEqual(running, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)

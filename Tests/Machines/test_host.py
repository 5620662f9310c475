"""`hauban host prepare` on a booted Debian 12: what it says, what it does, and what is true after a restart of the machine.

Two servers, one after the other: a bare one, reached as a user who may use sudo, and one with ufw, reached as root. Docker, nftables,
unattended-upgrades and timesyncd are installed from Debian's archive by the machine itself.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import machine

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
HAUBAN = os.environ.get("HAUBAN", os.path.join(ROOT, ".build/debug/hauban"))
START = time.monotonic()


def note(text):
    print(f"{time.monotonic() - START:7.1f} s  {text}", flush=True)


class Host(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        machine.image()
        note("the image is there")
        cls.folder = tempfile.mkdtemp(prefix="machines-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.enterClassContext(machine.Clock(cls.folder))

    def boot(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        server = self.enterContext(machine.Machine(folder))
        machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", folder + "/deploy")
        note("the machine is booted")
        return server

    def prepare(self, server, user, *words, code):
        done = subprocess.run(
            [HAUBAN, "host", "prepare", f"{user}@127.0.0.1:{server.ports[22]}", *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800, env=server.environment)
        note(f"host prepare {' '.join(words)}: {done.returncode}")
        if done.returncode != code:
            self.fail(f"host prepare exited with {done.returncode} and not {code}:\n{done.stdout}")
        return done.stdout

    def until(self, question, within=240):
        deadline = time.monotonic() + within
        while not (found := question()):
            self.assertLess(time.monotonic(), deadline, "it does not come to be")
            time.sleep(2)
        return found

    def as_deployer(self, server, words, **more):
        """By the key that was given for the user that deploys."""
        key = os.path.join(server.folder, "deploy")
        options = {"IdentityFile": key, "IdentitiesOnly": "yes", "UserKnownHostsFile": server.folder + "/known_hosts", "BatchMode": "yes"}
        done = subprocess.run(
            ["/usr/bin/ssh", "-F", "/dev/null", *(f"-o{name}={value}" for name, value in options.items()), "-p", str(server.ports[22]),
             "deploy@127.0.0.1", words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}")
        return done.stdout

    def start_containers(self, server):
        """Two that answer: one as the front door publishes itself, one that should not be reached."""
        self.as_deployer(server, "mkdir -p i/bin i/www && cp /bin/busybox i/bin/ && echo it serves >i/www/index.html"
                                 " && tar -c -C i . | docker import - web")
        for name, port in (("door", 80), ("inner", 8080)):
            self.as_deployer(server, f"docker run --detach --restart unless-stopped --name {name} --publish {port}:80 web"
                                     " /bin/busybox httpd -f -p 80 -h /www")

    def web(self, server, port):
        return "it serves" in (server.ask(port, b"GET / HTTP/1.0\r\n\r\n", until=b"it serves") or "")

    def is_as_planned(self, server):
        """Asked from outside, and by those that are not outside: the machine itself and a container."""
        self.until(lambda: self.web(server, 80))
        self.assertEqual({port: self.web(server, port) for port in (80, 8080)}, {80: True, 8080: False})
        own = "/bin/busybox wget -O - http://{}:8080/"
        self.assertIn("it serves", self.as_deployer(server, own.format("127.0.0.1")))
        self.assertIn("it serves", self.as_deployer(server, own.format("10.0.2.15")))
        inner = self.as_deployer(server, "docker inspect -f '{{.NetworkSettings.IPAddress}}' inner").strip()
        self.assertIn("it serves", self.as_deployer(server, f"docker exec door /bin/busybox wget -O - http://{inner}/"))
        # A container gets out: the answer of the machine's server of names.
        self.assertRegex(self.as_deployer(server, "docker exec door /bin/busybox nslookup localhost 10.0.2.3 || true"), "Address")
        self.until(lambda: "yes" in server.ssh("root", "timedatectl show -p NTPSynchronized"))
        said = server.ssh("root", "systemctl is-enabled docker hauban-firewall apt-daily-upgrade.timer"
                                  " && systemctl is-active docker hauban-firewall systemd-timesyncd apt-daily-upgrade.timer")
        self.assertEqual(set(said.split()), {"enabled", "active"})
        self.assertEqual(server.ssh("root", "systemctl --failed --plain --no-legend"), "")
        self.assertNotIn("ordering cycle", server.ssh("root", "journalctl -b --no-pager -q"))

    def outlives(self, server, user, words, restart, plain):
        """All is as planned, and stays so over a firewall that is loaded anew, an engine that is started anew and a machine that is.

        - Parameter plain: what the two ports say that the machine itself waits at.
        """
        told = json.loads(self.prepare(server, user, "--yes", "--json", *words, code=0))
        self.assertEqual((told["ready"], told["done"]), (True, []))
        self.start_containers(server)
        self.is_as_planned(server)
        self.assertEqual([server.ask(port) for port in (9100, 9101)], plain)
        server.ssh("root", restart)
        began = "docker inspect -f '{{.State.StartedAt}}' door"
        before = self.as_deployer(server, began)
        server.ssh("root", "systemctl restart docker")
        self.assertEqual(self.as_deployer(server, began), before, "live-restore")
        self.is_as_planned(server)
        server.reboots()
        note("it was restarted")
        self.until(lambda: server.ssh("root", "systemctl is-system-running --wait", check=False).strip() == "running")
        self.prepare(server, user, "--check", *words, code=0)
        self.is_as_planned(server)
        self.assertEqual([server.ask(port) for port in (9100, 9101)], plain)

    def test_a_bare_server(self):
        server = self.boot()
        words = ["--key", server.folder + "/deploy.pub", "--allow", "9101", "--swap", "256Mi", "--harden"]
        self.assertEqual([server.ask(port) for port in (9100, 9101)], ["it answers\n"] * 2)
        state = "dpkg-query -W | sort; cat /etc/passwd; find /etc -xdev -type f -printf '%p %T@\\n' | sort"
        before = server.ssh("root", state)
        shown = self.prepare(server, "admin", *words, code=2)
        for text in ("docker.io", "nftables", "unattended-upgrades", "systemd-timesyncd", "This closes 9100/tcp"):
            self.assertIn(text, shown)
        self.prepare(server, "admin", "--check", *words, code=2)
        self.assertEqual(before, server.ssh("root", state), "looking changes nothing")
        self.prepare(server, "admin", "--yes", *words, code=0)
        # nftables' own restart takes every table away.
        self.outlives(server, "admin", words, "systemctl restart nftables", [None, "it answers\n"])
        self.assertIn("/swapfile", server.ssh("root", "cat /proc/swaps"))
        self.assertIn("passwordauthentication no", server.ssh("root", "sshd -T"))

    def test_a_server_with_ufw(self):
        server = self.boot()
        server.ssh("root", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends ufw"
                           " >/dev/null && ufw allow OpenSSH && ufw --force enable")
        note("ufw is there")
        words = ["--key", server.folder + "/deploy.pub"]
        self.prepare(server, "root", "--yes", *words, code=0)
        # What ufw itself closes stays closed, and its own reload leaves the hook.
        self.outlives(server, "root", words, "ufw reload", [None, None])
        self.assertIn("Status: active", server.ssh("root", "ufw status"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

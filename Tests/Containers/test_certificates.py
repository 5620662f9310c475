"""`tls: {issuer: acme}` on a Docker Engine and on a Swarm: certificates are had from an authority, renewed, and never asked for twice.

The authority is pebble and its client certbot, both Debian's; certbot's image is made of Debian's files, as the others are.
"""

import json
import os
import shutil
import subprocess
import threading
import time
import unittest

import engine
import platforms
import swarm
from authority import ADDRESS, Authority
from deployed import binary
from platforms import note

NAME = "www.shop.example"
PORT, SECURE = 8080, 8443
# What nginx shows by itself.
TITLE = "<title>Welcome to nginx!</title>"
SPEC = """
hauban: 1
platform: shop
release: {watch: 2s}
services:
  web:
    image: nginxinc/nginx-unprivileged:1.28-alpine-slim
    port: 8080
    env: {VERSION: "1"}
    health: {ready: /}
    expose: {host: www, path: /}
environments:
  staging:
    target: TARGET
    domain: shop.example
    tls: {issuer: acme, directory: "https://DIRECTORY:14000/dir", root: root.pem, email: ops@shop.example}
"""


class Shop:
    """One service from a ready image, on a server with an authority beside it."""

    def __init__(self, server, program, authority, target):
        self.server, self.program, self.authority = server, program, authority
        self.folder = os.path.join(server.folder, "shop")
        os.makedirs(self.folder)
        self.text = SPEC.replace("TARGET", target).replace("DIRECTORY", ADDRESS).lstrip()
        self.write()
        shutil.copy(authority.root, self.folder)

    def write(self, *changes):
        text = self.text
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        with open(os.path.join(self.folder, "hauban.yaml"), "w") as file:
            file.write(text)

    def hauban(self, *words, code=0):
        done = subprocess.run(
            self.server.on_the_server(
                "env", "-C", self.folder, f"HAUBAN_STATE={self.server.folder}/s", "DOCKER_HOST=unix:///run/docker.sock",
                self.program, *words),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.server.environment,
            timeout=300)
        if code is not None and done.returncode != code:
            raise AssertionError(f"hauban {' '.join(words)} exited with {done.returncode} and not {code}\n{done.stdout}{done.stderr}")
        return done.stdout

    def deploy(self, verdict="kept"):
        said = self.hauban("deploy", "staging", "--port", str(PORT), "--https-port", str(SECURE), "--label", "test", "--json", code=None)
        told = json.loads(said)
        note(f"{told.get('release')} {told['verdict']} in {told['seconds']:.1f} s")
        if told["verdict"] != verdict:
            raise AssertionError(json.dumps(told, indent=1))
        return told

    def get(self, path="/", name=NAME):
        """The title of the page, over TLS, as a client that trusts the authority's root and nobody else; or why there is none."""
        said = self.server.fetch(f"https://{name}:{SECURE}{path}", "--resolve", f"{name}:{SECURE}:127.0.0.1",
                                 "--cacert", self.authority.root)
        return TITLE if TITLE in said else said

    def serial(self):
        """The number of the certificate that is served, as the authority writes it."""
        done = subprocess.run(
            self.server.inside("openssl", "s_client", "-connect", f"127.0.0.1:{SECURE}", "-servername", NAME, "-CAfile", self.authority.root,
                               "-verify_return_error"), input="", capture_output=True, text=True, timeout=20)
        pem = done.stdout[done.stdout.index("-----BEGIN"):done.stdout.index("-----END CERTIFICATE-----") + 26]
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, check=True)
        return shown.stdout.strip().removeprefix("serial=").lower().lstrip("0")


class Load:
    """Requests one after the other, each on a connection of its own, until it is ended."""

    def __init__(self, shop):
        self.shop, self.answers, self.ends = shop, [], threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ends.is_set():
            self.answers.append(self.shop.get())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = platforms.images()
        cls.folder = engine.folder()
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.program = binary(cls.folder)

    def until(self, question):
        deadline = time.monotonic() + 60
        while not (found := question()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)
        return found

    def test_a_certificate_is_had_renewed_and_kept(self):
        folder = os.path.join(self.folder, "docker")
        os.makedirs(folder)
        with engine.Engine(folder, self.kept) as server, Authority(server, folder + "/authority", PORT) as authority:
            shop = Shop(server, self.program, authority, "docker")
            self.first(shop)
            first = authority.given()[0].lstrip("0")

            # The same names are never asked for again.
            shop.write(('VERSION: "1"', 'VERSION: "2"'))
            shop.deploy()
            self.assertEqual(len(authority.given()), 1)

            # A renewal is taken by itself, and no request is lost by it.
            with Load(shop) as load:
                said = server.docker("exec", "shop-staging-certbot", "sh", "/hauban/renew", "--force-renewal")
                self.assertIn("all renewals succeeded", said)
                self.until(lambda: shop.serial() != first)
            self.assertGreater(len(load.answers), 5)
            self.assertEqual(set(load.answers), {TITLE})
            note(f"renewed under {len(load.answers)} requests")
            second = authority.given()[1].lstrip("0")
            self.assertEqual(shop.serial(), second)
            renewal = json.loads(shop.hauban("status", "staging", "--json"))["renewal"]
            self.assertTrue(renewal["succeeded"], renewal)
            self.refused(shop)
            self.assertEqual(shop.serial(), second)

            # Neither a pause nor a server that was started anew asks for another one; pebble is no more by then.
            shop.write(('VERSION: "1"', 'VERSION: "2"'))
            shop.hauban("down", "staging")
            self.assertEqual(server.docker("ps", "--all", "--quiet"), "")
            shop.deploy()
            self.assertEqual([shop.serial(), len(authority.given())], [second, 2])
            server.kill()
            server.start()
            server.answers()
            self.until(lambda: shop.get() == TITLE)
            self.assertEqual(shop.serial(), second)
            self.assertEqual(server.docker("inspect", "--format", "{{.State.Running}}", "shop-staging-certbot"), "true\n")
            self.assertEqual(shop.deploy("unchanged")["verdict"], "unchanged")

            # Without TLS nobody renews any more.
            shop.write(('VERSION: "1"', 'VERSION: "2"'), ("    tls: {issuer: acme", "    # {"))
            shop.deploy()
            self.assertEqual(server.docker("ps", "--all", "--quiet", "--filter", "label=hauban.kind=renewal"), "")
            self.assertIn(TITLE, server.fetch(f"http://127.0.0.1:{PORT}/", "--header", "Host: " + NAME))

    def first(self, shop):
        """A first release, which nothing served before."""
        self.assertIn(f"have a certificate for {NAME} (https://{ADDRESS}:14000/dir)", shop.hauban("plan", "staging", code=2))
        shop.deploy()
        self.assertEqual(shop.get(), TITLE)
        self.assertEqual([one.lstrip("0") for one in shop.authority.given()], [shop.serial()])
        plain = shop.server.fetch(f"http://127.0.0.1:{PORT}/x?y", "--include", "--header", "Host: " + NAME)
        self.assertIn(f"Location: https://{NAME}:{SECURE}/x?y", plain)
        hidden = shop.server.fetch(f"http://127.0.0.1:{PORT}/.well-known/acme-challenge/x", "--include", "--header", "Host: " + NAME)
        self.assertIn(" 404 ", hidden.splitlines()[0])
        status = self.until(lambda: (now := json.loads(shop.hauban("status", "staging", "--json", code=None)))["well"] and now.get("renewal") and now)
        self.assertTrue(status["renewal"]["succeeded"])
        self.assertEqual([one["names"] for one in status["certificates"]], [[NAME]])
        self.assertEqual([one["name"] for one in status["replicas"] if one["kind"] == "renewal"], ["certbot"])
        shop.hauban("verify", "staging")
        self.assertEqual(json.loads(shop.hauban("drift", "staging", "--json")), [])
        inspected = json.loads(shop.server.docker("inspect", "shop-staging-certbot"))[0]["HostConfig"]
        self.assertEqual([inspected["ReadonlyRootfs"], inspected["CapDrop"], inspected["CapAdd"], inspected["RestartPolicy"]["Name"]],
                         [True, ["ALL"], [], "unless-stopped"])

    def refused(self, shop):
        """A name that does not lead here fails the release before anything moved, and the error says what the authority said."""
        shop.authority.misses("new.shop.example")
        shop.write(("host: www", "host: new"))
        told = shop.deploy("returned")
        self.assertIn("certificate for new.shop.example", told["reason"])
        self.assertIn("192.0.2.9", told["reason"])
        self.assertIn("certbot said", told["hint"])
        self.assertIn("must lead here", told["hint"])
        self.assertEqual(shop.get(), TITLE)
        self.assertEqual(len(shop.authority.given()), 2)

    def test_the_same_on_a_swarm(self):
        folder = os.path.join(self.folder, "swarm")
        os.makedirs(folder)
        with swarm.Swarm(folder, self.kept, 1) as nodes:
            server = nodes.nodes[0]
            with Authority(server, folder + "/authority", PORT) as authority:
                shop = Shop(server, self.program, authority, "swarm")
                self.first(shop)
                shop.write(('VERSION: "1"', 'VERSION: "2"'))
                shop.deploy()
                self.assertEqual(len(authority.given()), 1)
                self.assertEqual(shop.get(), TITLE)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Pebble, the ACME server that Let's Encrypt tests clients with, inside a server's network: it asks the names of its clients by a DNS
server of its own, which leads each of them to that server."""

import json
import os
import re
import subprocess
import time

import engine
import stand_ins

ADDRESS = "192.0.2.1"
NOWHERE = "192.0.2.9"


class Authority:
    """Its state is in memory and goes with it."""

    def __init__(self, server, folder, port):
        """- Parameter port: where it asks for answers, in place of 80."""
        self.server, self.folder, self.processes = server, folder, []
        os.makedirs(folder)
        self.log = os.path.join(folder, "pebble.log")
        self.root = os.path.join(folder, "root.pem")
        own = [os.path.join(folder, name) for name in ("own.pem", "own.key")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=pebble", "-addext", "subjectAltName=IP:" + ADDRESS, "-out", own[0], "-keyout", own[1]],
            check=True, capture_output=True)
        config = {
            "listenAddress": ADDRESS + ":14000", "managementListenAddress": ADDRESS + ":15000", "certificate": own[0],
            "privateKey": own[1], "httpPort": port, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": False}
        with open(os.path.join(folder, "pebble.json"), "w") as file:
            json.dump({"pebble": config}, file)
        # An address of the server's own that its containers reach too, whatever their networks are.
        subprocess.run(server.inside("ip", "address", "replace", ADDRESS + "/32", "dev", "lo"), check=True)
        self.start("names.log", "pebble-challtestsrv", "-defaultIPv4", ADDRESS, "-defaultIPv6", "", "-dns01", ADDRESS + ":8053",
                   "-management", ADDRESS + ":8055", "-http01", "", "-https01", "", "-tlsalpn01", "")
        # Of its tries of clients two are left out: pauses, and refused nonces, at which certbot 2.1 fails now and then.
        self.start("pebble.log", "env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "pebble", "-config", os.path.join(folder, "pebble.json"),
                   "-dnsserver", ADDRESS + ":8053")
        # Its own certificate, by which its directory is known, and the root of those that it gives out, made anew at each start.
        deadline = time.monotonic() + 30
        while "BEGIN CERTIFICATE" not in (given := server.fetch(f"https://{ADDRESS}:15000/roots/0", "--cacert", own[0])):
            if time.monotonic() > deadline:
                raise RuntimeError("pebble does not start: " + stand_ins.read(self.log) + given)
            time.sleep(0.1)
        with open(self.root, "w") as file:
            file.write(stand_ins.read(own[0]) + given)

    def start(self, log, *words):
        with open(os.path.join(self.folder, log), "w") as file:
            self.processes.append(subprocess.Popen(
                [*engine.WITH_US, *self.server.inside(*words)], stdout=file, stderr=file, start_new_session=True))

    def misses(self, name):
        """The DNS leads this name to nobody from now on."""
        self.server.fetch(f"http://{ADDRESS}:8055/add-a", "--data", json.dumps({"host": name, "addresses": [NOWHERE]}))

    def given(self):
        """The numbers of the certificates that it gave out, in their order."""
        return re.findall(r"Issued certificate serial (\w+)", stand_ins.read(self.log))

    def asked(self):
        """How many requests it had."""
        return len(re.findall(r"POST /|GET /|HEAD /", stand_ins.read(self.log)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()

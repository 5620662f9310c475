"""A Docker Engine of its own: in a network and a mount namespace, with its data, its sockets and its logs in one folder."""

import os
import signal
import subprocess
import time

import stand_ins


class Engine:
    def __init__(self, folder):
        self.folder = folder
        self.root = os.path.join(folder, "data")
        self.socket = os.path.join(folder, "docker.sock")
        self.log = os.path.join(folder, "dockerd.log")
        self.process = None
        config = os.path.join(folder, "config", "cli-plugins")
        os.makedirs(config)
        os.symlink(stand_ins.compose_plugin(), os.path.join(config, "docker-compose"))
        self.environment = {
            **os.environ, "DOCKER_HOST": "unix://" + self.socket, "DOCKER_CONFIG": os.path.dirname(config),
            "DOCKER_BUILDKIT": "0", "DOCKER_ROOT": self.root, "DOCKER_SOCKET": self.socket,
        }

    def __enter__(self):
        start = (
            "mount --make-rshared / && ip link set lo up && exec dockerd"
            f" --data-root {self.root} --exec-root {self.folder}/run --pidfile {self.folder}/pid"
            f" --host unix://{self.socket} --log-level warn")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", start],
                stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 90
        while subprocess.run(["docker", "version"], env=self.environment, capture_output=True).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("dockerd does not start:\n" + open(self.log).read()[-4000:])
            time.sleep(0.2)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            # What a failed test left running would outlive its engine.
            left = self.docker("ps", "--all", "--quiet", check=False).split()
            if left:
                self.docker("rm", "--force", "--volumes", *left, check=False)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def docker(self, *words, check=True, **more):
        more.setdefault("env", self.environment)
        done = subprocess.run(
            ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
        if check and done.returncode:
            raise RuntimeError(f"docker {' '.join(words)} exited with {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def fetch(self, url, *options):
        """Asks for a page from where published ports are: the server's own network."""
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", "curl", "-sS", "--max-time", "20", *options, url],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout

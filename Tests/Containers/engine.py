"""A Docker Engine of its own: in namespaces of its own, with its data, its socket and its log in one folder.

Its processes are those of one namespace: when the first of them is killed, the kernel ends them all, and what they mounted
and connected goes with them. Whoever asks is outside, by the socket in the folder; inside everything lies where an engine has
it by default, so that the rendered files are started as they are.
"""

import os
import re
import signal
import subprocess
import tempfile
import time

import stand_ins

# In its namespaces: a /run, a /var/lib/docker and a /var/lib/hauban of its own, and a network of which nothing leads out.
START = """
set -eu
folder=$1 name=$2 address=$3 groups=$4
shift 4
mount --make-rshared /
mount -t tmpfs tmpfs /run
mkdir -p /run/groups /var/lib/docker /var/lib/hauban
mount --rbind /sys/fs/cgroup /run/groups
mount -t sysfs sysfs /sys
mount --rbind /run/groups /sys/fs/cgroup
mount --bind "$folder/data" /var/lib/docker
mount --bind "$folder/kept" /var/lib/hauban
hostname "$name"
ip link set lo up
if [ -n "$address" ]; then
    until ip link show eth0 >/dev/null 2>&1; do sleep 0.1; done
    ip address add "$address/24" dev eth0
    ip link set eth0 up
    ip route add default via "${address%.*}.254"
fi
exec tini-static -- dockerd --host "unix://$folder/docker.sock" --host unix:///run/docker.sock \
    --init-path "$(command -v tini-static)" --cgroup-parent "$groups" --log-level warn "$@"
"""


# Whoever is started so ends with this process, however that ends.
WITH_US = ["setpriv", "--pdeathsig", "KILL"]


class Engine:
    """`address` is what it has in a network that somebody plugs into it: see swarm.py; `more` are further words for dockerd."""

    def __init__(self, folder, images=None, name="engine", address="", more=()):
        self.folder, self.name, self.address, self.more = folder, name, address, more
        self.socket = os.path.join(folder, "docker.sock")
        self.log = os.path.join(folder, "dockerd.log")
        self.groups = f"hauban-test-{os.getpid()}-{os.path.basename(folder)}"
        self.process = None
        config = os.path.join(folder, "config", "cli-plugins")
        os.makedirs(config)
        os.makedirs(os.path.join(folder, "data"))
        os.makedirs(os.path.join(folder, "kept"))
        if images:
            # Layers are only read: a link to each of their files is a copy.
            subprocess.run(["cp", "--archive", "--link", images + "/.", os.path.join(folder, "data")], check=True)
        os.symlink(stand_ins.program("docker-compose"), os.path.join(config, "docker-compose"))
        newer = {os.path.dirname(stand_ins.program(name)) for name in ("docker", "dockerd", "containerd", "docker-proxy")}
        self.environment = {
            **os.environ, "PATH": ":".join([*sorted(newer), "/usr/sbin", "/usr/bin", "/sbin", "/bin"]),
            "DOCKER_HOST": "unix://" + self.socket, "DOCKER_CONFIG": os.path.dirname(config), "DOCKER_BUILDKIT": "0",
        }
        for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME"):
            self.environment.pop(name, None)

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*WITH_US, "unshare", "--net", "--uts", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                 "--mount-proc", "sh", "-c", START, "sh", self.folder, self.name, self.address, self.groups,
                 *self.more],
                stdout=log, stderr=log, env=self.environment, start_new_session=True)

    def answers(self):
        """Waits until it does."""
        deadline = time.monotonic() + 120
        while subprocess.run(["docker", "version"], env=self.environment, capture_output=True).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("dockerd does not start:\n" + stand_ins.read(self.log)[-4000:])
            time.sleep(0.2)

    def __enter__(self):
        self.start()
        try:
            self.answers()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """Ends it and all that it runs at once."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + 60
        while not self.is_swept() and time.monotonic() < deadline:
            time.sleep(0.1)

    def is_swept(self):
        """Takes its control groups away, which can be done when no process is in them any more."""
        return all(sweep(group) for group in groups() if os.path.basename(group) == self.groups)

    def docker(self, *words, check=True, **more):
        more.setdefault("env", self.environment)
        done = subprocess.run(
            ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
        if check and done.returncode:
            raise RuntimeError(f"docker {' '.join(words)} exited with {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def inside(self, *words):
        """Words that are run in the server's own network, where its ports are published."""
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", *words]

    def on_the_server(self, *words):
        """Words that are run as somebody who is signed in to the server runs them: among its processes, files and networks."""
        spaces = [f"--{flag}=/proc/{self.process.pid}/ns/{name}" for flag, name in
                  (("net", "net"), ("mount", "mnt"), ("pid", "pid_for_children"))]
        return ["nsenter", *spaces, *words]

    def fetch(self, url, *options):
        done = subprocess.run(
            self.inside("curl", "-sS", "--max-time", "20", *options, url),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout


def groups():
    """The control groups of engines, in every hierarchy that there is."""
    tops = ["/sys/fs/cgroup", *(entry.path for entry in os.scandir("/sys/fs/cgroup") if entry.is_dir())]
    return [entry.path for top in tops for entry in os.scandir(top) if entry.name.startswith("hauban-test-")]


def sweep(group):
    for found, _, _ in os.walk(group, topdown=False):
        try:
            os.rmdir(found)
        except OSError:
            return False
    return True


def folder():
    """A new folder for a run, beside the kept images: what a killed run has left is taken away."""
    os.makedirs(stand_ins.CACHE, exist_ok=True)
    for entry in os.scandir(stand_ins.CACHE):
        left = re.fullmatch(r"run-(\d+)-.*|bookworm\.tar\.(\d+)", entry.name)
        if left and not os.path.exists("/proc/" + (left[1] or left[2])):
            subprocess.run(["rm", "-rf", entry.path], check=False)
    for group in groups():
        if not os.path.exists("/proc/" + os.path.basename(group).split("-")[2]):
            sweep(group)
    return tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=stand_ins.CACHE)

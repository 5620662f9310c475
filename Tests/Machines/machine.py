"""A machine of its own: Debian 12 with its kernel and systemd, started by QEMU, reached by forwarded ports of 127.0.0.1.

It is made by mmdebstrap as small as a server that somebody rents: an sshd, a user who may use sudo, nothing that is set up. Its
archive is Debian's, its server of the time is this machine's (chrony, at 123 of 127.0.0.1), which it reaches as 10.0.2.2.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hauban-test")
PACKAGES = [
    "systemd-sysv", "udev", "dbus", "kmod", "iproute2", "procps", "openssh-server", "sudo", "ca-certificates", "busybox-static",
    "linux-image-cloud-amd64",
]
# What is forwarded to: ssh, the front door's, one that Docker publishes, two that the machine itself waits at.
PORTS = [22, 80, 443, 8080, 9100, 9101]
# Debian 12 as `server`, with two ports that answer from the first boot on.
SET_UP = r"""
set -eu
root=$1 key=$2
echo server >"$root/etc/hostname"
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
printf '127.0.0.1 localhost\n127.0.1.1 server\n' >"$root/etc/hosts"
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf"
printf '[Match]\nName=en*\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/10-wire.network"
mkdir -p "$root/etc/systemd/timesyncd.conf.d"
printf '[Time]\nNTP=10.0.2.2\n' >"$root/etc/systemd/timesyncd.conf.d/server.conf"
printf '[Unit]\n[Socket]\nListenStream=9100\nListenStream=9101\nAccept=yes\n[Install]\nWantedBy=sockets.target\n' \
    >"$root/etc/systemd/system/plain.socket"
printf '[Unit]\n[Service]\nExecStart=/bin/echo it answers\nStandardOutput=socket\n' >"$root/etc/systemd/system/plain@.service"
chroot "$root" useradd --create-home --shell /bin/bash --password '*' admin
echo 'admin ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/admin"
for home in "$root/root" "$root/home/admin"; do
    mkdir -p -m 700 "$home/.ssh"
    cp "$key" "$home/.ssh/authorized_keys"
done
chroot "$root" chown -R admin: /home/admin/.ssh
chroot "$root" systemctl enable --quiet systemd-networkd.service plain.socket
"""


def run(*words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} exited with {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def spawn(log, *words):
    """A process that ends with this one, however that ends."""
    with open(log, "w") as file:
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *words], stdout=file, stderr=file)


def image():
    """A folder with a disk that nobody has started from, its kernel, and the key that lets in: made once, some two minutes."""
    folder = os.path.join(CACHE, "machine")
    mark = os.path.join(folder, "marks")
    wanted = SET_UP + " ".join(PACKAGES)
    if os.path.exists(mark):
        with open(mark) as file:
            if file.read() == wanted:
                return folder
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="machine-") as work:
        root, made = os.path.join(work, "root"), os.path.join(work, "machine")
        os.makedirs(made)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", made + "/key")
        without = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale", "info")]
        run("mmdebstrap", "--quiet", "--variant=minbase", *without, '--aptopt=APT::Install-Recommends "false"',
            "--include=" + ",".join(PACKAGES), "--format=directory", "bookworm", root)
        # Exclusions are those of the making, not of the machine.
        for path in ("etc/dpkg/dpkg.cfg.d/99mmdebstrap", "etc/apt/apt.conf.d/99mmdebstrap"):
            if os.path.exists(os.path.join(root, path)):
                os.remove(os.path.join(root, path))
        run("sh", "-c", SET_UP, "sh", root, made + "/key.pub")
        for name in ("vmlinuz", "initrd"):
            found = next(entry.path for entry in os.scandir(root + "/boot") if entry.name.startswith(name))
            shutil.copy(found, os.path.join(made, name))
        run("mke2fs", "-q", "-t", "ext4", "-d", root, made + "/disk", "24G")
        with open(made + "/marks", "w") as file:
            file.write(wanted)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(made, folder)
    return folder


def accelerator():
    """The processor's own where it has it. A /dev/kvm alone says nothing: without vmx or svm a guest does not get to its first line."""
    with open("/proc/cpuinfo") as file:
        has_it = re.search(r"^flags\s*:.*\b(vmx|svm)\b", file.read(), re.M)
    return ["kvm", "-cpu", "host"] if has_it and os.access("/dev/kvm", os.W_OK) else ["tcg,thread=multi", "-cpu", "max"]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


class Machine:
    """Its changes lie in `folder`, over the image's disk."""

    def __init__(self, folder):
        self.image = image()
        self.folder = folder
        self.key = os.path.join(self.image, "key")
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.serial = os.path.join(folder, "serial.log")
        self.process = None

    def __enter__(self):
        run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", self.image + "/disk", self.folder + "/disk")
        forwards = "".join(f",hostfwd=tcp:127.0.0.1:{outside}-:{inside}" for inside, outside in self.ports.items())
        self.process = spawn(
            self.folder + "/qemu.log", "qemu-system-x86_64", "-accel", *accelerator(), "-smp", "2", "-m", "2048",
            "-display", "none", "-monitor", "none", "-serial", "file:" + self.serial,
            "-kernel", self.image + "/vmlinuz", "-initrd", self.image + "/initrd", "-append", "root=/dev/vda console=ttyS0",
            "-drive", f"file={self.folder}/disk,format=qcow2,if=virtio,cache=unsafe", "-device", "virtio-rng-pci",
            "-nic", "user,model=virtio-net-pci" + forwards)
        try:
            self.answers()
            # Whoever uses a server compares its key once.
            with open(self.folder + "/known_hosts", "w") as file:
                file.write(run("ssh-keyscan", "-T", "30", "-t", "ed25519", "-p", str(self.ports[22]), "127.0.0.1"))
            self.programs()
        except BaseException:
            self.__exit__()
            raise
        return self

    def programs(self):
        """An `ssh` that reads a configuration of its own: in front of the others on the PATH."""
        with open(self.folder + "/ssh_config", "w") as file:
            file.write(f"Host *\n  IdentityFile {self.key}\n  IdentitiesOnly yes\n  UserKnownHostsFile {self.folder}/known_hosts\n")
        os.makedirs(self.folder + "/bin")
        with open(self.folder + "/bin/ssh", "w") as file:
            file.write(f'#!/bin/sh\nexec /usr/bin/ssh -F {self.folder}/ssh_config "$@"\n')
        os.chmod(self.folder + "/bin/ssh", 0o755)
        self.environment = {**os.environ, "PATH": self.folder + "/bin:" + os.environ["PATH"]}

    def __exit__(self, *_):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def answers(self, within=400):
        """Waits until its sshd does."""
        deadline = time.monotonic() + within
        while not (self.ask(22) or "").startswith("SSH-"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.serial, errors="replace") as file:
                    raise RuntimeError("the machine does not answer:\n" + file.read()[-3000:])
            time.sleep(1)

    def ask(self, port, request=b"", until=b"\n", within=15):
        """What a port answers from outside up to some bytes or its end; `None` when nothing is said: QEMU itself takes every connection."""
        said = b""
        try:
            with socket.create_connection(("127.0.0.1", self.ports[port]), timeout=within) as link:
                link.sendall(request)
                while until not in said and (more := link.recv(4096)):
                    said += more
        except OSError:
            pass
        return said.decode(errors="replace") or None

    def ssh(self, user, *words, check=True, within=600, given=None):
        done = subprocess.run(
            ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=60", "-p", str(self.ports[22]), f"{user}@127.0.0.1", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=within, env=self.environment, input=given or "")
        if check and done.returncode:
            raise RuntimeError(f"ssh {user}@ {' '.join(words)} exited with {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout

    def reboots(self):
        before = self.ssh("root", "cat /proc/sys/kernel/random/boot_id")
        self.ssh("root", "systemctl reboot", check=False)
        deadline = time.monotonic() + 400
        while True:
            time.sleep(2)
            now = self.ssh("root", "cat /proc/sys/kernel/random/boot_id", check=False)
            if now != before and len(now) == len(before):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the machine does not come back:\n" + now)


def chronyd():
    """Debian's, out of its package: installed, it would take the place of what sets this machine's clock."""
    folder = os.path.join(CACHE, "chrony")
    if not os.path.isdir(folder):
        os.makedirs(CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="chrony-") as work:
            run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", "chrony", cwd=work)
            run("dpkg-deb", "-x", *(entry.path for entry in os.scandir(work)), work + "/root")
            os.rename(work + "/root", folder)
    return folder + "/usr/sbin/chronyd"


class Clock:
    """A server of the time for guests; it leaves this machine's clock as it is."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    def __enter__(self):
        path = os.path.join(self.folder, "chrony.conf")
        with open(path, "w") as file:
            file.write("local stratum 8\nallow 127.0.0.0/8\nbindaddress 127.0.0.1\ncmdport 0\n"
                       f"bindcmdaddress /\npidfile {self.folder}/chronyd.pid\n")
        self.process = spawn(self.folder + "/chrony.log", chronyd(), "-x", "-d", "-u", "root", "-f", path)
        time.sleep(1)
        if self.process.poll() is not None:
            with open(self.folder + "/chrony.log") as file:
                raise RuntimeError("chronyd does not start:\n" + file.read())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

"""A Swarm of several engines on one machine: each in namespaces of its own, all plugged into one bridge."""

import os
import subprocess
import time

import engine


class Swarm:
    """Its first node manages it."""

    def __init__(self, folder, images, count):
        self.nodes = []
        for number in range(1, count + 1):
            path = os.path.join(folder, f"n{number}")
            os.makedirs(path)
            self.nodes.append(engine.Engine(path, images, name=f"node{number}", address=f"10.213.0.{number}"))
        self.bridge = None

    def __enter__(self):
        # A network namespace that only holds the bridge; it goes with the process that sleeps in it.
        self.bridge = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link add name switch type bridge && ip address add 10.213.0.254/24 dev switch"
             " && ip link set switch up && echo ready && exec sleep infinity"], stdout=subprocess.PIPE, start_new_session=True)
        try:
            if self.bridge.stdout.readline() != b"ready\n":
                raise RuntimeError("no bridge can be made")
            for number, node in enumerate(self.nodes, 1):
                node.start()
                self.plug(number, node)
            for node in self.nodes:
                node.answers()
            manager = self.nodes[0]
            # A beat of 2 s instead of 5: a server that fell is missed sooner.
            manager.docker("swarm", "init", "--dispatcher-heartbeat", "2s", "--advertise-addr", manager.address)
            token = manager.docker("swarm", "join-token", "--quiet", "worker").strip()
            for node in self.nodes[1:]:
                node.docker("swarm", "join", "--token", token, "--advertise-addr", node.address, manager.address + ":2377")
        except BaseException:
            self.__exit__()
            raise
        return self

    def plug(self, number, node):
        switch = ["nsenter", f"--net=/proc/{self.bridge.pid}/ns/net", "ip", "link"]
        deadline = time.monotonic() + 60
        # Until the engine's process has a network of its own.
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{node.process.pid}/ns/net") == own:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{node.name} has no network of its own")
            time.sleep(0.05)
        subprocess.run(
            [*switch, "add", "name", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", str(node.process.pid)], check=True)
        subprocess.run([*switch, "set", f"port{number}", "master", "switch", "up"], check=True)

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
        if self.bridge is not None:
            self.bridge.kill()
            self.bridge.wait()
            self.bridge.stdout.close()

"""What stands in for monitoring that Debian has no package of: each proves its wiring, and nothing of the program itself.

grafana: its password and its provisioned files can be read. loki: its file can be read. alloy: the engine's logs can be read
without any right of root's, and each line says whose it is. cadvisor: the engine's socket answers, and what it says of
containers is told in cAdvisor's names.
"""

import glob
import http.client
import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROLE = os.path.basename(sys.argv[0])
LABELS = ("com.docker.compose.project", "com.docker.compose.service", "com.docker.stack.namespace",
          "com.docker.swarm.service.name")
PORTS = {"grafana": 3000, "loki": 3100, "alloy": 12345, "cadvisor": 8080}


class Engine(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("engine", timeout=5)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect("/var/run/docker.sock")


def grafana():
    with open(os.environ["GF_SECURITY_ADMIN_PASSWORD__FILE"]) as file:
        assert file.read()
    boards = [json.load(open(name)) for name in glob.glob("/etc/grafana/dashboards/*.json")]
    assert boards and os.listdir("/etc/grafana/provisioning/datasources")
    with open("/var/lib/grafana/written", "w") as file:
        file.write("yes")
    return f"stand_in_dashboards {len(boards)}\n"


def loki():
    with open("/etc/loki/loki.yml") as file:
        assert "schema_config" in file.read()
    with open("/loki/written", "w") as file:
        file.write("yes")
    return "stand_in_loki 1\n"


def alloy():
    lines = {}
    for name in glob.glob("/containers/*/*-json.log"):
        for line in open(name):
            try:
                attributes = json.loads(line).get("attrs", {})
            except ValueError:
                continue
            service = attributes.get("com.docker.compose.service") or attributes.get("com.docker.swarm.service.name", "")
            lines[service] = lines.get(service, 0) + 1
    return "".join(f'stand_in_lines{{of="{name}"}} {count}\n' for name, count in sorted(lines.items()))


def cadvisor():
    engine = Engine()
    engine.request("GET", "/containers/json")
    said = ["machine_cpu_cores 2\n"]
    for one in json.load(engine.getresponse()):
        labels = {f"container_label_{key.replace('.', '_')}": value for key, value in one["Labels"].items()
                  if key in LABELS}
        labels["id"] = "/docker/" + one["Id"]
        text = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        said.append(f"container_last_seen{{{text}}} {int(time.time())}\n")
    assert os.listdir("/rootfs") and os.listdir("/sys/fs/cgroup")
    return "".join(said)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            body, status = globals()[ROLE]().encode(), 200
        except Exception as error:  # told to whoever asks, so that the test says why
            body, status = repr(error).encode(), 500
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if "-health" in sys.argv:
        loki = http.client.HTTPConnection("127.0.0.1", 3100, timeout=5)
        loki.request("GET", "/ready")
        sys.exit(0 if loki.getresponse().status == 200 else 1)
    print("started", flush=True)
    server = ThreadingHTTPServer(("0.0.0.0", PORTS[ROLE]), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    import signal

    signal.sigwait({signal.SIGTERM, signal.SIGINT})

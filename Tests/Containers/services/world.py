"""The control plane's place in the world outside: takes alerts from whoever has the key, by TLS, and shows metrics."""

import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

with open("/run/secrets/hauban-integration-key") as file:
    KEY = file.read()
TAKEN = {"alerts": 0, "refused": 0}


class Plane(BaseHTTPRequestHandler):
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, "".join(f"world_{name}_total {count}\n" for name, count in TAKEN.items()).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Authorization") != "Bearer " + KEY:
            TAKEN["refused"] += 1
            self.answer(401, b"")
            return
        TAKEN["alerts"] += len(json.loads(body))
        self.answer(200, b"")


server = ThreadingHTTPServer(("0.0.0.0", 443), Plane)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/world/world.crt", "/world/world.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

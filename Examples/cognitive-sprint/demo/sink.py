"""Takes Hauban's webhooks as a chat or a ticket system would; each becomes a line of JSON.

    demo/sink.py --record FILE [--port PORT]

Says its port on standard output. A record has `received` (seconds since 1970), `event`, `body`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import sys
import time
from pathlib import Path


class Sink(http.server.ThreadingHTTPServer):
    """A server that writes down what it takes."""

    daemon_threads = True

    def __init__(self, port: int, record: Path) -> None:
        super().__init__(("127.0.0.1", port), Taker)
        self.record = record


class Taker(http.server.BaseHTTPRequestHandler):
    """Takes one message."""

    def do_POST(self) -> None:
        received = time.time()
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        line = json.dumps({"received": received, "event": body.get("event"), "body": body})
        if isinstance(self.server, Sink):
            # One write for each message: lines of two threads do not mix.
            with self.server.record.open("a", encoding="utf-8") as record:
                record.write(line + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing: the record does."""


def main() -> int:
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description="Writes down the webhooks that it takes.")
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments = parser.parse_args()
    arguments.record.touch()
    sink = Sink(arguments.port, arguments.record)
    print(sink.server_port, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        sink.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())

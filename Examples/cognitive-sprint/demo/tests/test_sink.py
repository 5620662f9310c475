"""The sink writes down what it takes."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SINK = Path(__file__).resolve().parent.parent / "sink.py"


def test_each_message_is_a_line_with_its_time(tmp_path: Path) -> None:
    record = tmp_path / "pages.jsonl"
    with subprocess.Popen(
        [sys.executable, str(SINK), "--record", str(record)], stdout=subprocess.PIPE, text=True
    ) as sink:
        assert sink.stdout is not None
        port = int(sink.stdout.readline())
        before = time.time()
        for event in ["incident.page", "incident.resolved"]:
            body = json.dumps({"event": event, "incident": {"id": "i1"}}).encode()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/pages", body, 60) as answer:
                assert answer.status == 204
        sink.terminate()
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["incident.page", "incident.resolved"]
    assert lines[0]["body"]["incident"]["id"] == "i1"
    assert all(before - 1 < line["received"] < time.time() + 1 for line in lines)

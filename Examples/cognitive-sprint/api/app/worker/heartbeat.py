"""A file that the worker touches at each turn and its health check looks at."""

import hashlib
import json
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

# Several turns may fail to come while a model takes its time; see LLM_TIMEOUT_SECONDS.
MAX_AGE_SECONDS = 60.0


def path() -> Path:
    """WORKER_HEARTBEAT_FILE, else one for each database, so that environments do not mix."""
    named = os.environ.get("WORKER_HEARTBEAT_FILE", "").strip()
    if named:
        return Path(named)
    digest = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"cognitive-sprint-worker-{os.getuid()}-{digest}"


def beat(file: Path) -> None:
    file.touch()


def clear(file: Path) -> None:
    file.unlink(missing_ok=True)


def check() -> int:
    """Prints one JSON line; 0 when the last turn is young enough, else 1."""
    file = path()
    try:
        age = time.time() - file.stat().st_mtime
    except OSError:
        age = None
    healthy = age is not None and age <= MAX_AGE_SECONDS
    found = f"last turn {age:.1f} s ago" if age is not None else f"no heartbeat at {file}"
    print(
        json.dumps(
            {
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
                "severity": "INFO" if healthy else "ERROR",
                "message": found,
                "service_name": os.environ.get("SERVICE_NAME") or "cognitive-sprint-worker",
                "correlation_id": f"check-{os.getpid()}",
                "event": "worker_check",
            }
        )
    )
    return 0 if healthy else 1

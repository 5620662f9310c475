"""Runs the server: `python -m app`. Every line it writes is JSON, its first and last included."""

import logging
import os
import signal
import sys
from types import FrameType

from app import logs
from app.settings import Settings, SettingsError


def _stop(signum: int, frame: FrameType | None) -> None:
    """Before the server is up there is nothing to drain; afterwards it has drained already."""
    sys.exit(0)


def main() -> int:
    logs.configure(os.environ.get("SERVICE_NAME") or "cognitive-sprint-api")
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        settings = Settings.from_env()
        logs.configure(settings.service_name, settings.log_level)
        import uvicorn

        from app.application import create_app

        app = create_app(settings)
    except SettingsError as error:
        logging.getLogger("app").critical("%s", error, extra={"event": "settings_refused"})
        return 2
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Longer than a proxy keeps an idle connection, so that it is the proxy who closes
            # it and no request meets a connection that is just going away.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
    )
    server.run()
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())

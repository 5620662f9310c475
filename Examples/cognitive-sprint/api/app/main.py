"""The application as a server loads it: `uvicorn app.main:app`."""

import logging
import os
import sys

from app import logs
from app.settings import Settings, SettingsError

logs.configure(os.environ.get("SERVICE_NAME") or "cognitive-sprint-api")
try:
    _settings = Settings.from_env()
    logs.configure(_settings.service_name, _settings.log_level)
    from app.application import create_app

    app = create_app(_settings)
except SettingsError as error:
    logging.getLogger("app").critical("%s", error, extra={"event": "settings_refused"})
    sys.exit(2)

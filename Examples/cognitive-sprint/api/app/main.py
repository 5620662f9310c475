"""The application as a server loads it: `uvicorn app.main:app`."""

from app import logs
from app.settings import Settings

_settings = Settings.from_env()
logs.configure(_settings.service_name, _settings.log_level)

from app.application import create_app  # noqa: E402

app = create_app(_settings)

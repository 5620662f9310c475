"""Settings come from the environment, and a wrong one is named."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from app.database import driver_url
from app.settings import Settings, SettingsError

URL = "postgresql://u:secret@h:5432/d"


def test_defaults_and_values() -> None:
    assert Settings.from_env({"DATABASE_URL": URL}) == Settings(database_url=URL)
    given = Settings.from_env(
        {"DATABASE_URL": URL, "APP_PORT": "81", "LLM_INPUT_PRICE": "0.15", "LOG_LEVEL": "debug"}
    )
    assert (given.port, given.llm_input_price, given.log_level) == (81, Decimal("0.15"), "DEBUG")
    assert Settings.from_env({"DATABASE_URL": URL, "APP_PORT": "81", "PORT": "82"}).port == 82


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": URL, "APP_PORT": "http"}, "APP_PORT"),
        ({"DATABASE_URL": URL, "PORT": "70000"}, "PORT is 70000"),
        ({"DATABASE_URL": URL, "LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"DATABASE_URL": URL, "LLM_PROVIDER": "oracle"}, "LLM_PROVIDER"),
        ({"DATABASE_URL": URL, "LLM_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"DATABASE_URL": URL, "LLM_INPUT_PRICE": "cheap"}, "LLM_INPUT_PRICE"),
        ({"DATABASE_URL": URL, "LLM_TIMEOUT_SECONDS": "nan"}, "LLM_TIMEOUT_SECONDS"),
        ({"DATABASE_URL": URL, "OPENAI_BASE_URL": "file:///etc"}, "OPENAI_BASE_URL"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_env(environment)


def test_urls_of_platforms_get_our_driver_and_others_are_refused() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        assert driver_url(f"{scheme}://u:p@h/d").drivername == "postgresql+psycopg"
    with pytest.raises(SettingsError, match="mysql"):
        driver_url("mysql://u:p@h/d")
    with pytest.raises(SettingsError) as caught:
        driver_url("u:secret@h")
    assert "secret" not in str(caught.value)


def test_secrets_do_not_print() -> None:
    shown = repr(Settings(database_url=URL, openai_api_key="sk-secret"))
    assert "secret" not in shown


def test_every_variable_is_in_the_example_file() -> None:
    """CS-01: what the code reads and what .env.example documents is the same."""
    api = Path(__file__).resolve().parent.parent
    read: set[str] = set()
    for file in (api / "app").rglob("*.py"):
        found = re.findall(r'(?:text|number|get)\(\s*"([A-Z][A-Z_]+)"', file.read_text())
        read.update(found)
    example = (api / ".env.example").read_text()
    documented = set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    assert read == documented

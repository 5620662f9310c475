"""The application's settings, all from environment variables (documented in .env.example)."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeVar

T = TypeVar("T")

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """A variable that is missing or has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    database_url: str
    service_name: str = "cognitive-sprint-api"
    log_level: str = "INFO"
    host: str = "0.0.0.0"  # noqa: S104 - a container is reached from outside
    port: int = 8000
    shutdown_seconds: int = 20
    pool_size: int = 5
    pool_overflow: int = 5
    pool_timeout_seconds: float = 5.0
    llm_provider: Literal["offline", "openai"] = "offline"
    llm_timeout_seconds: float = 20.0
    llm_offline_delay_ms: int = 0
    llm_input_price: Decimal = Decimal(0)
    llm_output_price: Decimal = Decimal(0)
    openai_api_key: str = ""
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4o-mini"
    max_rounds: int = 2
    worker_poll_seconds: float = 2.0
    worker_heartbeat_file: str = ""

    def __repr__(self) -> str:
        """Names the service only: the URL and the key are secrets and must not reach a log."""
        return f"Settings(service_name={self.service_name!r})"

    @staticmethod
    def from_env(
        environ: Mapping[str, str] | None = None,
        default_service_name: str = "cognitive-sprint-api",
    ) -> "Settings":
        env = os.environ if environ is None else environ

        def text(name: str, default: str) -> str:
            return env.get(name, "").strip() or default

        def number(name: str, default: T, parse: Callable[[str], T], low: float, high: float) -> T:
            raw = env.get(name, "").strip()
            if not raw:
                return default
            try:
                value = parse(raw)
                inside = low <= float(value) <= high  # type: ignore[arg-type]
            except (ValueError, InvalidOperation):
                raise SettingsError(f"{name} is {raw!r}, which is not a number") from None
            if not inside:
                raise SettingsError(f"{name} is {raw}, which is not between {low:g} and {high:g}")
            return value

        database_url = text("DATABASE_URL", "")
        if not database_url:
            raise SettingsError(
                "DATABASE_URL is not set; give it as postgresql://user:password@host:port/database"
            )
        level = text("LOG_LEVEL", "INFO").upper()
        if level not in _LEVELS:
            raise SettingsError(f"LOG_LEVEL is {level!r}; it must be one of {', '.join(_LEVELS)}")
        provider = text("LLM_PROVIDER", "offline")
        if provider not in ("offline", "openai"):
            raise SettingsError(f"LLM_PROVIDER is {provider!r}; it must be offline or openai")
        api_key = text("OPENAI_API_KEY", "")
        if provider == "openai" and not api_key:
            raise SettingsError("OPENAI_API_KEY is not set, and LLM_PROVIDER is openai")
        base_url = text("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/")
        if not base_url.startswith(("https://", "http://")):
            raise SettingsError(f"OPENAI_BASE_URL is {base_url!r}; it must be an http or https URL")
        return Settings(
            database_url=database_url,
            service_name=text("SERVICE_NAME", default_service_name),
            log_level=level,
            host=text("APP_HOST", Settings.host),
            # The platform that starts us knows best which port it has chosen.
            port=number("PORT", number("APP_PORT", 8000, int, 1, 65535), int, 1, 65535),
            shutdown_seconds=number("SHUTDOWN_SECONDS", 20, int, 0, 600),
            pool_size=number("DB_POOL_SIZE", 5, int, 1, 100),
            pool_overflow=number("DB_POOL_OVERFLOW", 5, int, 0, 100),
            pool_timeout_seconds=number("DB_POOL_TIMEOUT_SECONDS", 5.0, float, 0.1, 60),
            llm_provider="openai" if provider == "openai" else "offline",
            llm_timeout_seconds=number("LLM_TIMEOUT_SECONDS", 20.0, float, 0.1, 300),
            llm_offline_delay_ms=number("LLM_OFFLINE_DELAY_MS", 0, int, 0, 60_000),
            llm_input_price=number("LLM_INPUT_PRICE", Decimal(0), Decimal, 0, 10_000),
            llm_output_price=number("LLM_OUTPUT_PRICE", Decimal(0), Decimal, 0, 10_000),
            openai_api_key=api_key,
            openai_base_url=base_url,
            openai_model=text("OPENAI_MODEL", "gpt-4o-mini"),
            max_rounds=number("SPRINT_MAX_ROUNDS", 2, int, 1, 10),
            worker_poll_seconds=number("WORKER_POLL_SECONDS", 2.0, float, 0.05, 60),
            worker_heartbeat_file=text("WORKER_HEARTBEAT_FILE", ""),
        )

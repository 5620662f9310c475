"""The version of this release, shown by /api/version, /health, /metrics and every log line."""

VERSION = "1.0.0"

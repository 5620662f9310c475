#!/bin/sh
# Everything that must hold before a change of this platform goes in: format, lint, types, tests
# with coverage, and the four releases of the demonstration. Needs Python 3.11 and PostgreSQL
# (Debian: python3-venv postgresql); uses DATABASE_URL when it is set, else a throwaway server.
set -eu
cd "$(dirname "$0")/.."

venv=${VENV:-api/.venv}
if [ ! -x "$venv/bin/pytest" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install -q -r api/requirements-dev.txt
fi
bin=$(cd "$venv/bin" && pwd)

with_database=
[ -n "${DATABASE_URL:-}" ] || with_database=$PWD/scripts/with-postgres.sh

step() { printf '== %s\n' "$1"; }

step "format"; "$bin/black" --check -q --config api/pyproject.toml api demo
step "lint"; (cd api && "$bin/ruff" check -q .); (cd demo && "$bin/ruff" check -q .)
step "types"
(cd api && MYPYPATH=tests "$bin/mypy" app migrations tests)
(cd demo && "$bin/mypy" --strict .)
step "shell"; for file in scripts/*.sh demo/*.sh frontend/*.sh; do sh -n "$file"; done
step "tests"; (cd api && $with_database "$bin/python" -m pytest -q --cov --cov-report=term:skip-covered)
step "releases and load"; $with_database "$bin/python" -m pytest -q demo/tests

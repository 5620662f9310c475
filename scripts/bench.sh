#!/usr/bin/env bash
# Measures Hauban against named peers and prints one line a figure; the same as JSON in .build/bench.json.
#   scripts/bench.sh [NAME]                   builds the stripped release binary first: some minutes the first time
#   HAUBAN=/path/of/it scripts/bench.sh NAME  measures a binary that is there
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/packages.sh --only ca-certificates curl gcc libc6-dev libsqlite3-dev python3 python3-venv wrk \
    nginx-light caddy haproxy docker.io docker-compose prometheus prometheus-alertmanager supervisor valgrind

folder=.build/bench
venv=$folder/venv
if [[ ! -e $venv/.complete || Benchmarks/requirements.txt -nt $venv/.complete ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r Benchmarks/requirements.txt
    touch "$venv/.complete"
fi
if [[ -z ${HAUBAN:-} ]]; then
    HAUBAN=$folder/root/bin/hauban
    make --no-print-directory install PREFIX= DESTDIR="$folder/root" >&2
fi
exec "$venv/bin/python" Benchmarks/bench.py --hauban "$HAUBAN" --json .build/bench.json "$@"

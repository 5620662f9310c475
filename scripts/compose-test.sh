#!/usr/bin/env bash
# Starts rendered Compose files, releases examples and runs a pipeline on Docker Engines of their own, as root. What is costly to make is kept in ~/.cache/hauban-test.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) -ne 0 ]]; then
    echo "root is needed: an engine makes networks and control groups" >&2
    exit 1
fi
scripts/packages.sh --only runc iptables tini mmdebstrap debian-archive-keyring curl openssl iproute2 util-linux pebble docker-registry \
    busybox-static
exec python3 -m unittest discover --start-directory Tests/Containers "$@"

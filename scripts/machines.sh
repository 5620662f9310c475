#!/usr/bin/env bash
# Boots Debian 12 in machines of its own and prepares them with `hauban host prepare`, as root. What is costly to make is kept in ~/.cache/hauban-test.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) -ne 0 ]]; then
    echo "root is needed: a disk is made of files of many users, and 123/udp of 127.0.0.1 answers the machines what time it is" >&2
    exit 1
fi
scripts/packages.sh --only qemu-system-x86 qemu-utils mmdebstrap debian-archive-keyring e2fsprogs openssh-client util-linux
exec python3 -m unittest discover --verbose --start-directory Tests/Machines "$@"

#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need; does nothing when they are there.
#   scripts/packages.sh            those
#   scripts/packages.sh --only A B the named ones in their place: what `scripts/bench.sh` measures against
set -euo pipefail

wanted=(
    git make gcc libc6-dev ca-certificates curl
    libsqlite3-dev                     # the journal
    python3 python3-venv               # the examples' services, and tools that judge our output
    golang-go                          # one of the stacks that builds know
    postgresql-15 postgresql-contrib redis-server
    prometheus                         # promtool judges our metrics; sends alerts to the control plane
    prometheus-alertmanager            # amtool asks the control plane; Alertmanager is what it is compared with
    chromium                           # shows the console to its tests
    tzdata                             # the zones that on-call schedules are tested with
    openssl nghttp2-client             # certificates of the tests; clients of HTTP/2 that are not ours
    nginx haproxy                      # peers that the front door is compared with
    docker.io binutils iptables docker-registry # the Docker engine has its contract tried on a real one, and images go through a registry
    nftables openssh-server            # servers that are prepared
    procps iproute2 util-linux jq
)
[[ ${1:-} != --only ]] || wanted=("${@:2}")
missing=()
for package in "${wanted[@]}"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
done
if ! command -v swift >/dev/null; then
    echo "Swift 6.3 is needed and not on the PATH: https://www.swift.org/install/linux/" >&2
    exit 1
fi
[[ ${#missing[@]} -eq 0 ]] && exit 0

run=()
if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "install as root: apt-get install ${missing[*]}" >&2; exit 1; }
    run=(sudo)
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Packages start their servers on installation; ours are started by the tests themselves, on ports of their own.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${run[@]}" tee $policy >/dev/null
    "${run[@]}" chmod 755 $policy
    trap '"${run[@]}" rm -f $policy' EXIT
fi
"${run[@]}" apt-get update -qq
"${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

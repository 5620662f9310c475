#!/usr/bin/env bash
# The peer: a release as teams script it. Start the new beside the old, wait until it is healthy, point nginx at it, stop the
# old. No watch, no way back, no record of where it stood when it is killed.
#   compare_release.script.sh FOLDER RELEASE FIRST-PORT BINARY PAUSE SERVICE...
# PAUSE is for how many seconds a careful team lets nginx's old workers finish, since a reload answers at once: 0 for others.
set -euo pipefail
folder=$1 release=$2 port=$3 binary=$4 pause=$5
shift 5
cd "$folder"
: >upstreams.new
for name in "$@"; do
    RELEASE=$release setsid "$binary" "$port" </dev/null >>"$name.log" 2>&1 &
    echo $! >"$name.new"
    until curl -fs -o /dev/null "http://127.0.0.1:$port/health"; do sleep 0.05; done
    echo "upstream $name { server 127.0.0.1:$port; keepalive 32; }" >>upstreams.new
    port=$((port + 1))
done
mv upstreams.new upstreams.conf
if [[ -e nginx.pid ]]; then
    nginx -p "$folder" -c nginx.conf -e stderr -s reload
    sleep "$pause"
fi
for name in "$@"; do
    [[ ! -e $name.pid ]] || kill "$(cat "$name.pid")"
    mv "$name.new" "$name.pid"
done

#!/bin/sh
# Runs a command against a PostgreSQL that exists only as long as the command does:
#     scripts/with-postgres.sh pytest
# DATABASE_URL is set for the command. Needs Debian's package `postgresql`.
set -eu

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 64; }

bin=${PG_BIN:-}
if [ -z "$bin" ]; then
    for candidate in /usr/lib/postgresql/*/bin; do
        [ -x "$candidate/initdb" ] && bin=$candidate
    done
fi
[ -n "$bin" ] || { echo "no PostgreSQL found: apt-get install postgresql" >&2; exit 69; }

folder=$(mktemp -d /tmp/sprint-pg.XXXXXX)
# PostgreSQL refuses to run as root.
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as_owner() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
fi

stop() {
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$folder"
as_owner "$bin/initdb" -D "$folder/data" -U sprint --auth=trust -E UTF8 --no-sync >"$folder/initdb.log" 2>&1 \
    || { cat "$folder/initdb.log" >&2; exit 70; }
# Only a socket in the folder: no port to collide on, nobody else reaches it.
as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off" start >/dev/null \
    || { cat "$folder/data/log" >&2; exit 70; }
as_owner "$bin/createdb" -h "$folder" -U sprint sprint
chmod 755 "$folder"
cd "$OLDPWD"

export DATABASE_URL="postgresql://sprint@/sprint?host=$folder"
"$@"

#!/bin/bash
# What the official image's entrypoint does of what is rendered: initdb, the first password, the first database, the scripts.
set -euo pipefail
export PGDATA=/var/lib/postgresql/data
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    chmod 0700 "$PGDATA"
    # shellcheck disable=SC2086
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" ${POSTGRES_INITDB_ARGS:-} >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
    psql --no-psqlrc -v ON_ERROR_STOP=1 -U postgres -d postgres -v db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
    for script in /docker-entrypoint-initdb.d/*.sh; do
        if [[ -x $script ]]; then "$script"; else
            # shellcheck source=/dev/null
            . "$script"
        fi
    done
    pg_ctl -w -m fast stop >/dev/null
fi
exec "$@"

#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Runs once, when the volume of db is new: a role for each service, with the rights of its edge.
# What writers make belongs to all of them, so that who migrates and who writes need not be one.
set -eu
run() { psql --no-psqlrc -v ON_ERROR_STOP=1 -U postgres -d "$POSTGRES_DB" "$@"; }

run <<'SQL'
CREATE EXTENSION IF NOT EXISTS "pg_trgm";
CREATE EXTENSION IF NOT EXISTS "pgcrypto";
CREATE ROLE readers NOLOGIN;
CREATE ROLE writers NOLOGIN;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO readers;
GRANT USAGE, CREATE ON SCHEMA public TO writers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;
SQL

run -v "password=$(cat /run/secrets/db-agent)" <<'SQL'
CREATE ROLE agent_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE agent_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-api)" <<'SQL'
CREATE ROLE api_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE api_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-worker)" <<'SQL'
CREATE ROLE worker_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE worker_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-exporter)" <<'SQL'
CREATE ROLE exporter LOGIN PASSWORD :'password' IN ROLE pg_monitor CONNECTION LIMIT 5;
SQL

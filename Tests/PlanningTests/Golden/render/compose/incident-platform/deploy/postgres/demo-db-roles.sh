#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Runs once, when the volume of db is new: a role for each service, with the rights of its edge.
# What writers make belongs to all of them, so that who migrates and who writes need not be one.
set -eu
run() { psql --no-psqlrc -v ON_ERROR_STOP=1 -U postgres -d "$POSTGRES_DB" "$@"; }

run <<'SQL'
CREATE ROLE readers NOLOGIN;
CREATE ROLE writers NOLOGIN;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO readers;
GRANT USAGE, CREATE ON SCHEMA public TO writers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;
SQL

run -v "password=$(cat /run/secrets/db-alert-ingestion)" <<'SQL'
CREATE ROLE alert_ingestion_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE alert_ingestion_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-incident-management)" <<'SQL'
CREATE ROLE incident_management_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE incident_management_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-oncall-service)" <<'SQL'
CREATE ROLE oncall_service_role LOGIN PASSWORD :'password' IN ROLE writers;
ALTER ROLE oncall_service_role SET role = 'writers';
SQL

run -v "password=$(cat /run/secrets/db-exporter)" <<'SQL'
CREATE ROLE exporter LOGIN PASSWORD :'password' IN ROLE pg_monitor CONNECTION LIMIT 5;
SQL

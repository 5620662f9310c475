#!/bin/sh
# Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
# Roles of db. What writers make belongs to all of them, so that who migrates and who writes need not be one.
set -eu
run() { psql --no-psqlrc -v ON_ERROR_STOP=1 "$@"; }
role() { # name, group, password
  run -v name="$1" -v password="$3" -v group="$2" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
GRANT :"group" TO :"name";
SQL
}

run <<'SQL'
SELECT 'CREATE ROLE readers NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'readers') \gexec
SELECT 'CREATE ROLE writers NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'writers') \gexec
GRANT writers TO CURRENT_USER;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO readers;
GRANT USAGE, CREATE ON SCHEMA public TO writers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;
SQL

role api_role writers "$PASSWORD_API"
run -c 'ALTER ROLE api_role SET role = writers;'
role summariser_role writers "$PASSWORD_SUMMARISER"
run -c 'ALTER ROLE summariser_role SET role = writers;'

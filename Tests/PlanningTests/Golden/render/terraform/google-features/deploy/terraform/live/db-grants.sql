-- Rendered by hauban from hauban.yaml. Change that file and run `hauban render`: what is written here is replaced.
-- Rights of the roles in db: readers read, writers share what they make. Cloud SQL makes roles with all its
-- own rights, so run it once before the first release, again when a service is added, from within the network:
--   psql "host=HOST dbname=shop user=postgres" -v ON_ERROR_STOP=1 -f db-grants.sql

CREATE EXTENSION IF NOT EXISTS "pgcrypto";
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'readers') THEN CREATE ROLE readers NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'writers') THEN CREATE ROLE writers NOLOGIN; END IF;
END
$$;
GRANT writers TO CURRENT_USER;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO readers;
GRANT USAGE, CREATE ON SCHEMA public TO writers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON TABLES TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE writers IN SCHEMA public GRANT SELECT ON SEQUENCES TO readers;

REVOKE cloudsqlsuperuser FROM api_role;
ALTER ROLE api_role NOCREATEDB NOCREATEROLE;
GRANT writers TO api_role;
ALTER ROLE api_role SET role = 'writers';

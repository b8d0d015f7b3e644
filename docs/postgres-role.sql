-- A role for one plugin in one PostgreSQL database, which may do there what its grant says and no more.
--
-- Run it once as a superuser, connected to that database:
--
--   psql -d shop -v role=cofferdam_stock -v password='a long one' -v schema=public -v access=read -f postgres-role.sql
--
-- access is read, write or schema: the same word as in the plugin's `databases`. With schema, the role should have a
-- schema of its own (`-v schema=stock`), which is made if it isn't there.
-- What is taken from PUBLIC here is taken in this database only, from all roles that have no such right of their own.
-- Best is a database that nothing else uses: names of tables are visible to every role of a database.

\set ON_ERROR_STOP on
BEGIN;

-- Nothing but logging in. A statement of the role's own can't raise the limit of temporary files.
CREATE ROLE :"role" LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    CONNECTION LIMIT 20 PASSWORD :'password';
ALTER ROLE :"role" SET search_path = :"schema";
ALTER ROLE :"role" SET temp_file_limit = '256MB';

-- No temporary tables, no schemas, no tables where nobody looks.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- No code: a loop in a DO block survives timeouts and cancellation.
SELECT format('REVOKE USAGE ON LANGUAGE %I FROM PUBLIC', lanname) FROM pg_language
    WHERE lanname NOT IN ('internal', 'c') \gexec

-- No functions that reach other sessions, files, settings, or statements in text.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND (p.proname IN ('set_config', 'pg_notify',
        'lo_create', 'lo_creat', 'lo_from_bytea', 'lo_open', 'lo_put', 'lowrite', 'lo_import', 'lo_export', 'lo_unlink',
        'pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file',
        'pg_sleep', 'pg_sleep_for', 'pg_sleep_until',
        'query_to_xml', 'query_to_xml_and_xmlschema', 'database_to_xml',
        'pg_reload_conf', 'pg_rotate_logfile')
        OR p.proname ~ '^pg_(try_)?advisory_(xact_)?lock') \gexec

-- The tables of the schema, those that are there and those that the one who runs this makes later.
SELECT :'access' = 'schema' AS may_change, :'access' = 'write' AS may_write \gset
\if :may_change
    CREATE SCHEMA IF NOT EXISTS :"schema";
    GRANT USAGE, CREATE ON SCHEMA :"schema" TO :"role";
\else
    GRANT USAGE ON SCHEMA :"schema" TO :"role";
    GRANT SELECT ON ALL TABLES IN SCHEMA :"schema" TO :"role";
    ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT SELECT ON TABLES TO :"role";
\endif
\if :may_write
    GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA :"schema" TO :"role";
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA :"schema" TO :"role";
    ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT INSERT, UPDATE, DELETE ON TABLES TO :"role";
    ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT USAGE ON SEQUENCES TO :"role";
\endif

COMMIT;

//! Looks at the role that a label's address names: what it may do beyond what the grant needs.
//!
//! It warns and doesn't refuse: the gate holds without it, and an operator may know better. It asks what the role may do,
//! whoever granted it.

use std::{sync::Arc, time::Duration};

use sqlx::{PgConnection, Row as _};
use tokio::time::Instant;

use super::{
    super::DatabaseError,
    DatabaseAccess, options,
    pool::{Pool, Trust},
};

const TIME: Duration = Duration::from_secs(10);

/// Each gives at most one row with one text: what the role may do. NULL or none: nothing to say.
const ALWAYS: &[(&str, &str)] = &[
    (
        "SELECT 'it is a superuser, to whom nothing is forbidden' FROM pg_roles WHERE rolname = current_user AND rolsuper",
        "",
    ),
    (
        "SELECT 'it may ' || concat_ws(', ', CASE WHEN rolcreaterole THEN 'create roles' END, \
         CASE WHEN rolcreatedb THEN 'create databases' END, CASE WHEN rolreplication THEN 'replicate' END, \
         CASE WHEN rolbypassrls THEN 'bypass row security' END) FROM pg_roles WHERE rolname = current_user \
         AND (rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)",
        "ALTER ROLE … NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
    ),
    (
        "SELECT 'it has no limit of connections' FROM pg_roles WHERE rolname = current_user AND rolconnlimit < 0",
        "ALTER ROLE … CONNECTION LIMIT 20",
    ),
    // A role may change these itself: whoever got past the gate could have left something here.
    (
        "SELECT 'it has settings of its own for ' || string_agg(split_part(setting, '=', 1), ', ') FROM pg_db_role_setting s \
         JOIN pg_roles r ON r.oid = s.setrole, unnest(setconfig) AS setting WHERE rolname = current_user AND \
         split_part(setting, '=', 1) NOT IN ('search_path', 'temp_file_limit', 'work_mem') HAVING count(*) > 0",
        "ALTER ROLE … RESET …, unless they are yours",
    ),
    (
        "SELECT 'it owns the database' FROM pg_database WHERE datname = current_database() \
         AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)",
        "ALTER DATABASE … OWNER TO another role",
    ),
    (
        "SELECT 'it is a member of ' || string_agg(quote_ident(g.rolname), ', ') FROM pg_auth_members m \
         JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user HAVING count(*) > 0",
        "REVOKE … FROM it",
    ),
    (
        "SELECT 'it may write code in ' || string_agg(quote_ident(lanname), ', ') FROM pg_language WHERE lanname <> 'internal' \
         AND lanname <> 'c' AND has_language_privilege(oid, 'USAGE') HAVING count(*) > 0",
        "REVOKE USAGE ON LANGUAGE … FROM PUBLIC",
    ),
    (
        "SELECT 'it may make temporary tables' WHERE has_database_privilege(current_database(), 'TEMPORARY')",
        "REVOKE TEMPORARY ON DATABASE … FROM PUBLIC",
    ),
    (
        "SELECT 'it may create schemas' WHERE has_database_privilege(current_database(), 'CREATE')",
        "REVOKE CREATE ON DATABASE … FROM it",
    ),
    (
        "SELECT 'it may call ' || string_agg(DISTINCT proname, ', ') FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace \
         WHERE (nspname = 'pg_catalog' AND (proname IN ('set_config', 'pg_notify', 'lo_create', 'lo_creat', 'lo_from_bytea', \
         'lo_open', 'lo_put', 'lowrite', 'lo_import', 'lo_export', 'lo_unlink', 'pg_read_file', 'pg_read_binary_file', \
         'pg_ls_dir', 'pg_stat_file', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'query_to_xml', 'query_to_xml_and_xmlschema', \
         'database_to_xml', 'pg_reload_conf', 'pg_rotate_logfile') \
         OR proname ~ '^pg_(try_)?advisory_(xact_)?lock')) AND has_function_privilege(p.oid, 'EXECUTE') HAVING count(*) > 0",
        "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC",
    ),
    (
        "SELECT 'it may call ' || string_agg(quote_ident(n.nspname) || '.' || quote_ident(proname), ', ') FROM (SELECT * FROM \
         pg_proc WHERE prosecdef OR proname ~ '^dblink' LIMIT 20) p JOIN pg_namespace n ON n.oid = pronamespace WHERE n.nspname \
         <> 'pg_catalog' AND has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(n.oid, 'USAGE') HAVING count(*) > 0",
        "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC",
    ),
];

/// The same, for those who may not change tables.
const WITHOUT_SCHEMA: &[(&str, &str)] = &[
    (
        "SELECT 'it may create tables in ' || string_agg(quote_ident(nspname), ', ') FROM pg_namespace WHERE nspname !~ '^pg_' \
         AND has_schema_privilege(oid, 'CREATE') HAVING count(*) > 0",
        "REVOKE CREATE ON SCHEMA … FROM PUBLIC",
    ),
    (
        "SELECT 'it owns ' || string_agg(oid::regclass::text, ', ') FROM (SELECT oid FROM pg_class WHERE relowner = \
         (SELECT oid FROM pg_roles WHERE rolname = current_user) AND relkind IN ('r', 'v', 'm', 'p', 'f', 'S') LIMIT 20) c \
         HAVING count(*) > 0",
        "ALTER TABLE … OWNER TO another role",
    ),
];

/// The same, for those who may only read.
const READERS: &[(&str, &str)] = &[(
    "SELECT 'it may write to ' || string_agg(oid::regclass::text, ', ') FROM (SELECT c.oid FROM pg_class c JOIN pg_namespace n \
     ON n.oid = relnamespace WHERE relkind IN ('r', 'v', 'p', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema' \
     AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')) \
     LIMIT 20) c HAVING count(*) > 0",
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON … FROM it",
)];

/// What there is to say of the role, in words for the operator's log.
pub(super) async fn check(pool: &Arc<Pool>, access: DatabaseAccess) -> Result<Vec<String>, DatabaseError> {
    let until = Instant::now() + TIME;
    let mut lease = pool.take(until, Trust::None).await?;
    let mut questions = ALWAYS.to_vec();
    if access < DatabaseAccess::Schema {
        questions.extend(WITHOUT_SCHEMA);
    }
    if access == DatabaseAccess::Read {
        questions.extend(READERS);
    }
    let mut said = Vec::from_iter(options::weak_tls(&pool.options));
    for (question, remedy) in questions {
        let found = lease
            .with(until, async |connection: &mut PgConnection| {
                let row = sqlx::query(question).persistent(false).fetch_optional(connection).await?;
                row.map_or(Ok(None), |row| row.try_get::<Option<String>, _>(0))
            })
            .await?;
        match found {
            Some(found) if remedy.is_empty() => said.push(found),
            Some(found) => said.push(format!("{found} ({remedy})")),
            None => {}
        }
    }
    lease.give_back();
    Ok(said)
}

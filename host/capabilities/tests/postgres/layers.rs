//! Each layer alone: the gate before a superuser, to whom the database forbids nothing; and the role without a gate.

use std::process::Command;

use cofferdam_capabilities::database::{DatabaseError, Value};
use cofferdam_policy::DatabaseAccess;

use crate::{
    injection,
    support::{Shop, execute, query, single},
};

/// What a hostile plugin would run: threats D02, D03, D17 to D23, D25.
const HOSTILE: &[&str] = &[
    "SELECT 1; DROP TABLE items",
    "SET statement_timeout = 0",
    "SELECT set_config('statement_timeout', '0', false)",
    "SET work_mem = '2GB'",
    "DO 'BEGIN LOOP BEGIN PERFORM pg_sleep(1); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END'",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "COPY items TO PROGRAM 'id'",
    "COPY items FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_from_bytea(0, 'x'::bytea)",
    "SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS x(a int)",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN 1; END'",
    "CREATE EXTENSION dblink",
    "LISTEN c",
    "NOTIFY c, 'x'",
    "SELECT pg_notify('c', 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_sleep(60)",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "CREATE TEMP TABLE t (a int)",
    "CREATE ROLE evil SUPERUSER",
    "ALTER ROLE CURRENT_USER PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER SET statement_timeout = 0",
    "GRANT ALL ON items TO PUBLIC",
    "ALTER SYSTEM SET work_mem = '2GB'",
    "DROP SCHEMA public CASCADE",
    "VACUUM FULL items",
    "LOCK TABLE items IN ACCESS EXCLUSIVE MODE",
    "CREATE TRIGGER t BEFORE INSERT ON items EXECUTE FUNCTION suppress_redundant_updates_trigger()",
];

/// What no privilege stands before in Postgres, whatever the role: why the gate is needed.
const ONLY_THE_GATE: &[&str] = &[
    "SET statement_timeout = 0",
    "SET work_mem = '2GB'",
    "LISTEN c",
    "NOTIFY c, 'x'",
    "ALTER ROLE CURRENT_USER PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER SET statement_timeout = 0",
];

/// What Postgres answers with a warning, and doesn't do.
const WITHOUT_EFFECT: &[&str] = &["GRANT ALL ON items TO PUBLIC", "VACUUM FULL items"];

#[tokio::test]
async fn the_gate_alone_holds_before_a_superuser() {
    let shop = Shop::new("read");
    let database = shop.open_as_superuser(DatabaseAccess::Schema);
    let before = shop.psql("SELECT count(*), sum(price) FROM items");
    for sql in HOSTILE {
        let refused = query(&database, sql, &[]).await.expect_err(sql);
        assert!(
            matches!(refused, DatabaseError::Denied(_) | DatabaseError::Invalid(_)),
            "{sql}: {refused:?}"
        );
        let refused = execute(&database, sql, &[]).await.expect_err(sql);
        assert!(
            matches!(refused, DatabaseError::Denied(_) | DatabaseError::Invalid(_)),
            "{sql}: {refused:?}"
        );
    }
    assert_eq!(shop.psql("SELECT count(*), sum(price) FROM items"), before);
    assert_eq!(shop.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'evil'"), "0");
    assert_eq!(shop.psql("SELECT count(*) FROM pg_largeobject_metadata"), "0");
}

#[tokio::test]
async fn the_gate_alone_keeps_a_reader_from_writing_as_a_superuser() {
    let shop = Shop::new("read");
    let database = shop.open_as_superuser(DatabaseAccess::Read);
    let refused = execute(&database, "DELETE FROM items", &[]).await.unwrap_err().to_string();
    assert!(refused.ends_with("to allow it, run: cofferdam grant stock database shop write"), "{refused}");
    assert_eq!(shop.psql("SELECT count(*) FROM items"), "2");
}

/// What the gate might let through by mistake: a function of the operator's that writes is none of its business, here it
/// is put into a view.
#[tokio::test]
async fn the_session_alone_keeps_a_reader_from_writing() {
    let shop = Shop::new("read");
    shop.psql(
        "CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM items RETURNING 1'; \
         CREATE VIEW harmless AS SELECT sneaky() AS a",
    );
    let database = shop.open_as_superuser(DatabaseAccess::Read);
    let refused = query(&database, "SELECT * FROM harmless", &[]).await.unwrap_err();
    assert_eq!(
        refused,
        DatabaseError::Denied(
            "the database allows this session only to read: cannot execute DELETE in a read-only transaction [C0407]".into()
        )
    );
    assert_eq!(shop.psql("SELECT count(*) FROM items"), "2");
}

/// The role without the gate: psql with its name.
#[tokio::test]
async fn the_role_alone_holds_without_the_gate() {
    let shop = Shop::new("read");
    let state = "SELECT count(*), sum(price), min(c.relacl::text), min(relfilenode) FROM items, pg_class c WHERE relname = 'items'";
    let before = shop.psql(state);
    let psql = |sql: &str| {
        Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &shop.url(), "-c", sql])
            .output()
            .unwrap()
    };
    for sql in HOSTILE.iter().chain(&["DELETE FROM items", "SELECT * FROM secrets", "CREATE TABLE x (a int)"])
    {
        let runs = ONLY_THE_GATE.contains(sql) || WITHOUT_EFFECT.contains(sql);
        assert_eq!(psql(sql).status.success(), runs, "{sql}");
    }
    assert_eq!(shop.psql(state), before);
}

#[tokio::test]
async fn what_the_role_may_not_do_is_denied_in_the_databases_words() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Write);
    let secrets = query(&database, "SELECT * FROM secrets", &[]).await;
    let words =
        "the database refused it to the role of this label: permission denied for table secrets [C0407]";
    assert_eq!(secrets, Err(DatabaseError::Denied(words.into())));
    let delete = execute(&database, "DELETE FROM items", &[]).await.unwrap_err();
    assert!(delete.to_string().contains("permission denied for table items [C0407]"), "{delete}");
}

/// Threat D02: comments, quotes and dollars that hide a second statement from one reader only.
#[tokio::test]
async fn stacked_statements_never_run() {
    let shop = Shop::new("read");
    let database = shop.open_as_superuser(DatabaseAccess::Schema);
    for sql in [
        "SELECT 1; DROP TABLE items--",
        "SELECT '\\'; DROP TABLE items; --'",
        "SELECT 1 /* ; */; DROP TABLE items",
        "SELECT $a$;$a$; DROP TABLE items",
        "SELECT \"a\"\"; DROP TABLE items; --\"",
        "SELECT E'\\'; DROP TABLE items; --'",
        "SELECT 1 /* /* */ ; DROP TABLE items; */ -- */",
        "SELECT 1 --\r; DROP TABLE items",
        "SELECT 1 --\n; DROP TABLE items",
        "BEGIN; DROP TABLE items; COMMIT",
        "COMMIT; DROP TABLE items",
    ] {
        let _ = query(&database, sql, &[]).await;
        let _ = execute(&database, sql, &[]).await;
        assert_eq!(shop.psql("SELECT count(*) FROM items"), "2", "{sql}");
    }
}

/// What stands in a value is never read as SQL.
#[tokio::test]
async fn values_are_never_read_as_sql() {
    let shop = Shop::new("write");
    let database = shop.open(DatabaseAccess::Write);
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class";
    let before = shop.psql(tables);
    let hostile = injection::texts();
    assert!(hostile.len() > 2_000, "{}", hostile.len());
    for hostile in hostile {
        let back = single(&database, "SELECT $1::text", &[Value::Text(hostile.clone())]).await;
        assert_eq!(back, Value::Text(hostile));
    }
    assert_eq!(shop.psql(tables), before);
    assert_eq!(shop.psql("SELECT count(*) FROM items"), "2");
}

/// Threats D23, D30: what an error says.
#[tokio::test]
async fn errors_say_nothing_of_the_server_its_files_or_other_schemas() {
    let shop = Shop::new("read");
    shop.psql("CREATE SCHEMA hidden; CREATE TABLE hidden.treasure (a int)");
    let database = shop.open(DatabaseAccess::Read);
    for (sql, expected) in [
        ("SELECT * FROM hidden.treasure", "permission denied for schema hidden"),
        ("SELECT * FROM treasure", "relation \"treasure\" does not exist"),
        ("SELECT nam FROM items", "column \"nam\" does not exist"),
        ("SELECT 1 / (id - id) FROM items", "division by zero"),
    ] {
        let words = query(&database, sql, &[]).await.unwrap_err().to_string();
        assert!(words.contains(expected), "{words}");
        for canary in ["127.0.0.1", &shop.role, "/tmp", "postgres://", ".c:", "treasure.a"] {
            assert!(!words.contains(canary), "{words}");
        }
    }
}

/// The server's own opinion of the functions that the gate allows: those that may do more than compute are volatile, so
/// each volatile one has to be known.
#[tokio::test]
async fn no_function_that_is_allowed_does_more_than_compute() {
    let shop = Shop::new("read");
    let volatile = shop.psql(
        "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v' \
         AND prokind = 'f' ORDER BY 1",
    );
    let database = shop.open_as_superuser(DatabaseAccess::Read);
    let mut allowed = Vec::new();
    for name in volatile.lines() {
        let answer = query(&database, &format!("SELECT \"{name}\"()"), &[]).await;
        if !answer.is_err_and(|refused| refused.to_string().ends_with("[C0404]")) {
            allowed.push(name);
        }
    }
    // What they have in common: another answer each time, or the size of a file of a table's.
    assert_eq!(
        allowed,
        [
            "clock_timestamp",
            "currval",
            "gen_random_uuid",
            "lastval",
            "nextval",
            "pg_indexes_size",
            "pg_relation_size",
            "pg_table_size",
            "pg_total_relation_size",
            "random",
            "timeofday",
        ]
    );
}

/// Where our parser and the server read a text differently, what one takes for text is a call for the other. So pieces
/// of text, comments and calls are thrown together, and whatever the gate lets through is run: it sees no call of
/// `canary`, or it would have refused it, so the server must see none either.
#[tokio::test]
async fn what_the_gate_takes_for_text_is_text_to_the_server() {
    const PIECES: &[&str] = &[
        "canary()",
        "canary ()",
        "\"canary\"()",
        "'",
        "'",
        "''",
        "\"",
        "\"\"",
        "--",
        "\n",
        "\r",
        "/*",
        "*/",
        "/",
        "*",
        "-",
        "$a$",
        "$$",
        "$",
        "\\",
        "\\'",
        "E'",
        "e'",
        "U&'",
        "u&\"",
        "N'",
        "B'",
        "X'",
        "x'27'",
        " ",
        " ",
        ",",
        "+",
        "|",
        "||",
        "|/",
        "||/",
        "<",
        ">",
        "@",
        "#",
        "&",
        "%",
        "~",
        "!",
        "?",
        "->",
        "1",
        "a",
        "AS b",
        "(",
        ")",
        "[",
        "]",
        ":",
        "::",
        ";",
        "q'",
        "Q'[",
        "é",
        "\u{a0}",
        "\t",
        "=",
        ".",
        "`",
        "{",
        "}",
        "^",
        "_",
        "0x",
        "1e",
    ];
    let shop = Shop::new("read");
    shop.psql(
        "CREATE SEQUENCE calls; CREATE FUNCTION canary() RETURNS int LANGUAGE sql AS 'SELECT nextval(''calls'')::int'; \
         CREATE FUNCTION canary(text) RETURNS int LANGUAGE sql AS 'SELECT nextval(''calls'')::int'",
    );
    let database = shop.open_as_superuser(DatabaseAccess::Write);
    let (mut seed, mut run, mut answered) = (7_u64, 0, 0);
    for _ in 0..30_000 {
        let mut sql = "SELECT 1 ".to_owned();
        for _ in 0..3 + seed % 9 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sql.push_str(PIECES[usize::try_from(seed >> 33).unwrap() % PIECES.len()]);
        }
        match query(&database, &sql, &[]).await {
            Ok(_) => (run, answered) = (run + 1, answered + 1),
            // The server's own opinion.
            Err(error) if !error.to_string().ends_with(']') => run += 1,
            Err(_) => {}
        }
    }
    assert!(run > 500 && answered > 50, "{run} {answered}");
    assert_eq!(shop.psql("SELECT is_called FROM calls"), "f");
}

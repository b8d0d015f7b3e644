//! One statement or not, by tables.

use super::*;

fn read(sql: &str) -> Result<(Kind, usize), Wrong> {
    Statement::read(sql).map(|statement| (statement.kind, statement.parameters))
}

#[test]
fn one_statement_is_read_by_its_first_word() {
    for (sql, kind, parameters) in [
        ("SELECT 1", Kind::Query, 0),
        ("select ?1, ?3", Kind::Query, 3),
        ("VALUES (?, ?)", Kind::Query, 2),
        (" \n-- a; comment\n/* another; */ SELECT $2;;; -- done;", Kind::Query, 2),
        ("WITH a AS (SELECT 1), b(x) AS (VALUES (2)) SELECT * FROM a, b", Kind::Query, 0),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", Kind::Change, 0),
        ("with a as (select 1) delete from t", Kind::Change, 0),
        ("INSERT INTO t VALUES ('a;b', \"c;d\", `e;f`, [g;h], 'it''s; one')", Kind::Change, 0),
        ("REPLACE INTO t VALUES (?1)", Kind::Change, 1),
        ("UPDATE t SET a = x'3b' WHERE b = ?2", Kind::Change, 2),
        ("CREATE TABLE t (a)", Kind::Schema, 0),
        ("EXPLAIN QUERY PLAN SELECT 1", Kind::Query, 0),
        ("SELECT a$1 FROM t -- ?9", Kind::Query, 0),
        ("SELECT 'ä;' AS ö;", Kind::Query, 0),
    ] {
        assert_eq!(read(sql), Ok((kind, parameters)), "{sql}");
    }
}

#[test]
fn a_trigger_has_semicolons_of_its_own() {
    let trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN b THEN 1 END; DELETE FROM u; END";
    for sql in [
        trigger.to_owned(),
        format!("{trigger};"),
        format!("{trigger} ; -- end"),
        format!("EXPLAIN {trigger};"),
    ] {
        assert!(read(&sql).is_ok(), "{sql}");
    }
    for sql in [format!("{trigger}; DROP TABLE t"), format!("{trigger}; END; SELECT 1")] {
        assert_eq!(read(&sql), Err(Wrong::Many), "{sql}");
    }
    assert_eq!(read("CREATE TABLE trigger_(a); DROP TABLE t; END;"), Err(Wrong::Many));
}

#[test]
fn more_than_one_statement_is_refused_however_it_is_hidden() {
    for sql in [
        "SELECT 1; SELECT 2",
        "SELECT 1;DROP TABLE t",
        "SELECT 1; -- x\nDROP TABLE t",
        "SELECT '\\'; DROP TABLE t; --'",
        "SELECT 'a''; DROP'; DROP TABLE t",
        "SELECT \"a\"; DROP TABLE t",
        "SELECT [a[]; DROP TABLE t",
        "SELECT /* /* */ 1; DROP TABLE t",
        "SELECT 1 /* ; */ ; /**/ DROP TABLE t",
        "SELECT 1;\u{a0}",
        "SELECT 1; COMMIT",
        "INSERT INTO t VALUES (1); /*",
    ] {
        assert_eq!(read(sql), Err(Wrong::Many), "{sql}");
    }
}

#[test]
fn what_is_no_statement_is_refused() {
    for sql in ["", " ", ";", ";;", "-- only a comment", "/* only a comment", "\n\t;"] {
        assert_eq!(read(sql), Err(Wrong::Empty), "{sql:?}");
    }
    for sql in ["\0", "SELECT 1\0", "SELECT 1;\0", "SELECT '\0'"] {
        assert_eq!(read(sql), Err(Wrong::Nul), "{sql:?}");
    }
}

#[test]
fn other_kinds_are_denied_by_name() {
    for word in [
        "ATTACH",
        "detach",
        "VACUUM",
        "ANALYZE",
        "BEGIN",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT",
        "RELEASE",
        "COPY",
        "SET",
        "DO",
        "(SELECT",
        "'SELECT'",
        "\"SELECT\"",
        "\u{feff}SELECT",
        "SELECTED",
        "?",
    ] {
        assert!(matches!(read(&format!("{word} x")), Err(Wrong::Denied(_))), "{word}");
    }
}

#[test]
fn values_have_numbers() {
    for text in
        [":name", "@name", "$name", "?0", "$0", "$1a", "$1(x)", "$1::x", "#1", "?99999999999999999999999"]
    {
        assert!(matches!(read(&format!("SELECT {text}")), Err(Wrong::Parameter(_))), "{text}");
    }
    for sql in ["SELECT ?, ?1", "SELECT ?2, ?", "SELECT $1, ?"] {
        assert_eq!(read(sql), Err(Wrong::Mixed), "{sql}");
    }
}

#[test]
fn a_step_of_a_migration_is_split_into_its_statements() {
    let trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; SELECT 1; END;";
    let step = format!(
        "CREATE TABLE t (a, b DEFAULT ';'); -- first;\n{trigger} INSERT INTO t VALUES (1, '; ''');;\n"
    );
    let split = Statement::split(&step).unwrap();
    assert_eq!(
        split.iter().map(|(text, statement)| (*text, statement.kind)).collect::<Vec<_>>(),
        [
            ("CREATE TABLE t (a, b DEFAULT ';');", Kind::Schema),
            (&format!("-- first;\n{trigger}"), Kind::Schema),
            ("INSERT INTO t VALUES (1, '; ''');;\n", Kind::Change),
        ]
    );
    // A comment that is open to the end: without the blank it would be two signs, and a statement of their own.
    let open = "SELECT 1; /* ";
    assert_eq!(Statement::split(open).unwrap(), [(open, Statement::read(open).unwrap())]);
    // No blank to SQLite, but a name.
    let name = "SELECT 1 \u{a0}";
    assert_eq!(Statement::split(name).unwrap()[0].0, name);
    assert_eq!(Statement::split(" -- nothing"), Err(Wrong::Empty));
    assert_eq!(Statement::split("SELECT 1; \0"), Err(Wrong::Nul));
    assert!(matches!(Statement::split("SELECT 1; COMMIT; SELECT 2"), Err(Wrong::Denied(_))));
}

//! Values there and back.

use cofferdam_capabilities::database::{DatabaseError, Value, backend::Backend as _};
use cofferdam_policy::DatabaseAccess;

use crate::support::{Shop, execute, query, single, statement, text};

#[tokio::test]
async fn every_type_comes_back_as_what_it_is() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    let cases = [
        ("NULL::int", Value::Null),
        ("true", Value::Boolean(true)),
        ("(-7)::smallint", Value::Int64(-7)),
        ("2147483647", Value::Int64(2_147_483_647)),
        ("(-9223372036854775808)::bigint", Value::Int64(i64::MIN)),
        ("1.5::real", Value::Float64(1.5)),
        ("'-Infinity'::float8", Value::Float64(f64::NEG_INFINITY)),
        ("12345678901234567890.0987654321", Value::Decimal("12345678901234567890.0987654321".into())),
        ("0.00001::numeric", Value::Decimal("0.00001".into())),
        ("'NaN'::numeric", Value::Decimal("NaN".into())),
        ("'a ''b'' é'::text", text("a 'b' é")),
        ("'ab'::char(4)", text("ab  ")),
        ("'\\x00ff'::bytea", Value::Bytes(vec![0, 255])),
        ("date '2024-02-29'", Value::Timestamp("2024-02-29".into())),
        ("time '12:30:00.5'", Value::Timestamp("12:30:00.5".into())),
        ("timetz '12:30:00+02'", Value::Timestamp("12:30:00+02:00".into())),
        ("timestamp '1999-12-31 23:59:59.999999'", Value::Timestamp("1999-12-31T23:59:59.999999".into())),
        ("timestamptz '2024-05-01 12:00+02'", Value::Timestamp("2024-05-01T10:00:00Z".into())),
        ("timestamptz 'infinity'", Value::Timestamp("infinity".into())),
        ("date '0044-03-15 BC'", Value::Timestamp("0044-03-15 BC".into())),
        ("interval '1 year 2 months 3 days 04:05:06.7'", Value::Timestamp("P1Y2M3DT4H5M6.7S".into())),
        (
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            Value::Uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into()),
        ),
        ("'{\"a\": [1, 2]}'::jsonb", Value::Json("{\"a\": [1, 2]}".into())),
        ("'{\"a\":1}'::json", Value::Json("{\"a\":1}".into())),
        ("ARRAY['a', NULL, 'b c', '', 'null', '\"']", text(r#"{a,NULL,"b c","","null","\""}"#)),
        ("ARRAY[[1, 2], [3, 4]]", text("{{1,2},{3,4}}")),
        ("'{}'::int[]", text("{}")),
        ("ARRAY[1.50, 2]::numeric[]", text("{1.50,2}")),
        ("'10.1.2.3/8'::inet", text("10.1.2.3/8")),
        ("'::1'::inet", text("::1")),
    ];
    for (sql, expected) in cases {
        assert_eq!(single(&database, &format!("SELECT {sql}"), &[]).await, expected, "{sql}");
    }
    let nan = single(&database, "SELECT 'NaN'::float8", &[]).await;
    assert!(matches!(nan, Value::Float64(number) if number.is_nan()));
}

#[tokio::test]
async fn columns_say_their_names_and_types() {
    let shop = Shop::new("read");
    let table = query(
        &shop.open(DatabaseAccess::Read),
        "SELECT id, name, price, tags, 1 AS id FROM items WHERE false",
        &[],
    )
    .await;
    let table = table.unwrap();
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str())).collect();
    assert_eq!(
        columns,
        [("id", "int8"), ("name", "text"), ("price", "numeric"), ("tags", "text[]"), ("id", "int4")]
    );
    assert!(table.rows.is_empty());
}

#[tokio::test]
async fn a_value_takes_the_type_that_its_place_asks_for() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    let cases = [
        ("SELECT $1::numeric", text("1.50"), Value::Decimal("1.50".into())),
        ("SELECT $1::numeric", Value::Float64(0.1), Value::Decimal("0.1".into())),
        ("SELECT $1::numeric", Value::Int64(7), Value::Decimal("7".into())),
        ("SELECT $1::int", text(" 42 "), Value::Int64(42)),
        ("SELECT $1::int", Value::Decimal("42".into()), Value::Int64(42)),
        ("SELECT $1::float8", Value::Int64(3), Value::Float64(3.0)),
        ("SELECT $1::text", Value::Int64(3), text("3")),
        ("SELECT $1::text", text("naïve '; DROP TABLE items; --"), text("naïve '; DROP TABLE items; --")),
        (
            "SELECT $1::uuid",
            text("A0EEBC999C0B4EF8BB6D6BB9BD380A11"),
            Value::Uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into()),
        ),
        (
            "SELECT $1::timestamptz",
            text("2024-05-01T12:00:00+02:00"),
            Value::Timestamp("2024-05-01T10:00:00Z".into()),
        ),
        ("SELECT $1::date", Value::Timestamp("2024-02-29".into()), Value::Timestamp("2024-02-29".into())),
        ("SELECT $1::interval", text("1 day 02:00"), Value::Timestamp("P1DT2H".into())),
        ("SELECT $1::jsonb", Value::Json("{\"a\":1}".into()), Value::Json("{\"a\": 1}".into())),
        ("SELECT $1::bytea", Value::Bytes(vec![0, 1, 255]), Value::Bytes(vec![0, 1, 255])),
        ("SELECT $1::bool", Value::Boolean(false), Value::Boolean(false)),
        ("SELECT $1::int", Value::Null, Value::Null),
        ("SELECT $1::text::inet", text("10.0.0.1"), text("10.0.0.1")),
        ("SELECT count(*) FROM items WHERE name = ANY($1)", text("{bolt,nut,screw}"), Value::Int64(2)),
        (
            "SELECT count(*) FROM items WHERE name = ANY($1)",
            Value::Json("[\"bolt\"]".into()),
            Value::Int64(1),
        ),
        ("SELECT count(*) FROM items WHERE id = ANY($1)", text("{1,2,3}"), Value::Int64(2)),
        ("SELECT count(*) FROM items WHERE price < $1", text("0.2"), Value::Int64(1)),
    ];
    for (sql, param, expected) in cases {
        assert_eq!(single(&database, sql, std::slice::from_ref(&param)).await, expected, "{sql} {param:?}");
    }
}

/// Threat D28.
#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error_and_not_another_value() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    let cases = [
        (
            "SELECT $1::int",
            Value::Int64(1 << 40),
            "$1 is a whole number, and the statement expects int4 there: it is out of range",
        ),
        ("SELECT $1::float8", Value::Int64((1 << 53) + 1), "more digits than such a number keeps"),
        ("SELECT $1::bigint", Value::Float64(1.0), "send a whole number"),
        ("SELECT $1::bigint", text("18446744073709551615"), "whole number in range"),
        ("SELECT $1::text", text("a\0b"), "the value $1 has a NUL, which text in Postgres can't have"),
        ("SELECT $1::text[]", text("{\"a\0\"}"), "NUL"),
        ("SELECT $1::numeric", text("1e9999999"), "expected a number"),
        ("SELECT $1::timestamptz", text("yesterday-ish"), "ISO 8601"),
        ("SELECT $1::uuid", text("not one"), "32 hexadecimal digits"),
        ("SELECT $1::inet", text("10.0.0.1"), "write `$1::text::inet` and send text"),
        ("SELECT $1::real", Value::Float64(1e300), "out of range"),
    ];
    for (sql, param, expected) in cases {
        match query(&database, sql, std::slice::from_ref(&param)).await {
            Err(DatabaseError::Invalid(words)) => assert!(words.contains(expected), "{sql}: {words}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
    let count = query(&database, "SELECT $1::int + $2::int", &[Value::Int64(1)]).await;
    assert_eq!(count, Err(DatabaseError::Invalid("the statement has 2 values, found 1".into())));
    let odd = query(&database, "SELECT '(1,2)'::point AS place", &[]).await;
    assert_eq!(
        odd,
        Err(DatabaseError::Invalid(
            "the column `place` is of the type point, which has no form here: cast it, as in `place::text`"
                .into()
        ))
    );
    // The session is as good as before.
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

#[tokio::test]
async fn enums_domains_and_generated_ids_are_written_and_read() {
    let shop = Shop::new("schema");
    let database = shop.open(DatabaseAccess::Schema);
    for sql in [
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY, mood mood, moods mood[], at timestamptz DEFAULT now())",
    ] {
        assert_eq!(execute(&database, sql, &[]).await, Ok(0), "{sql}");
    }
    let insert = "INSERT INTO people (mood, moods) VALUES ($1, $2) RETURNING id, mood, moods";
    let table = query(&database, insert, &[text("glad"), text("{sad,glad}")]).await.unwrap();
    assert_eq!(table.rows, [[Value::Int64(1), text("glad"), text("{sad,glad}")]]);
    let wrong = query(&database, insert, &[text("mad"), Value::Null]).await;
    assert!(
        matches!(&wrong, Err(DatabaseError::Invalid(words)) if words.contains("invalid input value for enum mood: \"mad\"")),
        "{wrong:?}"
    );
}

/// Threat D14.
#[tokio::test]
async fn more_rows_or_bytes_than_allowed_are_an_error_and_never_come() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    let limited = |sql: &'static str| {
        let database = &database;
        async move { database.query(statement(sql, &[])).await.unwrap_err() }
    };
    let rows = limited("SELECT generate_series(1, 100000000)").await;
    assert_eq!(
        rows,
        DatabaseError::Limit("more than 1000 rows came back: ask for fewer, page by page [C0410]".into())
    );
    let bytes = limited("SELECT repeat('x', 4000) FROM generate_series(1, 900)").await;
    assert_eq!(
        bytes,
        DatabaseError::Limit(
            "more than 1048576 bytes came back: ask for fewer rows or columns [C0410]".into()
        )
    );
    let row = limited("SELECT 'a', repeat('x', 100000000)").await;
    assert_eq!(
        row,
        DatabaseError::Limit(
            "one row alone has more bytes than may come back: 100000001 bytes in a row [C0410]".into()
        )
    );
    let json = limited("SELECT jsonb_build_array(repeat('x', 50000000))").await;
    assert!(json.to_string().contains("50000004 bytes in a row"), "{json}");
    let list = limited("SELECT array_agg(n) FROM generate_series(1, 1000000) AS n").await;
    assert!(list.to_string().contains("bytes in a row"), "{list}");
    let exact = database.query(statement("SELECT repeat('x', 1000000), 1 AS a, 2 AS a", &[])).await.unwrap();
    assert_eq!(exact.rows[0][2], Value::Int64(2));
    assert_eq!(exact.columns[1].name, "a");
}

#[tokio::test]
async fn a_query_keeps_its_own_order_limit_and_offset() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    for (sql, name) in [
        ("SELECT name FROM items ORDER BY name DESC LIMIT 1 OFFSET 0", "nut"),
        ("SELECT name FROM items ORDER BY name DESC LIMIT 1 OFFSET 1", "bolt"),
        ("(SELECT name FROM items ORDER BY name) OFFSET 1 -- the second", "nut"),
    ] {
        assert_eq!(single(&database, sql, &[]).await, text(name), "{sql}");
    }
}

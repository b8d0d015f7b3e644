//! The role that the documentation makes, and what is said of others.

use cofferdam_capabilities::database::{DatabaseError, Value, postgres::Postgres};
use cofferdam_policy::DatabaseAccess;

use crate::support::{Shop, execute, query, settings, single};

#[tokio::test]
async fn there_is_nothing_to_say_of_a_role_as_documented() {
    for (access, word) in
        [(DatabaseAccess::Read, "read"), (DatabaseAccess::Write, "write"), (DatabaseAccess::Schema, "schema")]
    {
        let shop = Shop::new(word);
        assert_eq!(shop.open(access).check().await, Ok(vec![]), "{word}");
    }
}

#[tokio::test]
async fn such_a_role_can_do_what_the_grant_says() {
    let shop = Shop::new("write");
    let database = shop.open(DatabaseAccess::Write);
    let insert = "INSERT INTO items (name, price) VALUES ($1, $2) RETURNING id";
    let id = single(&database, insert, &[Value::Text("screw".into()), Value::Decimal("0.30".into())]).await;
    assert_eq!(id, Value::Int64(3));
    assert_eq!(execute(&database, "UPDATE items SET price = price * 2", &[]).await, Ok(3));
    assert_eq!(single(&database, "SELECT sum(price) FROM items", &[]).await, Value::Decimal("1.30".into()));
    assert_eq!(execute(&database, "DELETE FROM items WHERE name = 'screw'", &[]).await, Ok(1));
}

#[tokio::test]
async fn each_right_that_a_role_should_not_have_is_said() {
    let shop = Shop::new("read");
    let cases: &[(&str, &str)] = &[
        ("ALTER ROLE {role} CREATEDB CREATEROLE", "it may create roles, create databases"),
        ("ALTER ROLE {role} SET statement_timeout = 0", "it has settings of its own for statement_timeout"),
        ("ALTER ROLE {role} CONNECTION LIMIT -1", "it has no limit of connections"),
        ("GRANT pg_read_server_files TO {role}", "it is a member of pg_read_server_files"),
        ("GRANT USAGE ON LANGUAGE plpgsql TO {role}", "it may write code in plpgsql"),
        ("GRANT TEMPORARY ON DATABASE {db} TO {role}", "it may make temporary tables"),
        ("GRANT CREATE ON DATABASE {db} TO {role}", "it may create schemas"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "it may create tables in public"),
        ("GRANT EXECUTE ON FUNCTION set_config TO {role}", "it may call set_config"),
        ("GRANT EXECUTE ON FUNCTION lo_from_bytea TO {role}", "lo_from_bytea"),
        ("GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO {role}", "pg_advisory_lock"),
        ("GRANT UPDATE (price) ON items TO {role}", "it may write to items"),
        (
            "CREATE FUNCTION public.all_powerful() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "it may call public.all_powerful",
        ),
        ("ALTER TABLE items OWNER TO {role}", "it owns items"),
        ("ALTER DATABASE {db} OWNER TO {role}", "it owns the database"),
        ("ALTER ROLE {role} SUPERUSER", "it is a superuser, to whom nothing is forbidden"),
    ];
    for (change, said) in cases {
        shop.psql(&change.replace("{role}", &shop.role).replace("{db}", &shop.name));
        let all = shop.open(DatabaseAccess::Read).check().await.unwrap().join("\n");
        assert!(all.contains(said), "{change}: {all}");
    }
}

#[tokio::test]
async fn a_role_that_writes_is_nothing_to_say_for_a_grant_that_writes() {
    let shop = Shop::new("write");
    let read = shop.open(DatabaseAccess::Read).check().await.unwrap();
    assert_eq!(read, ["it may write to items (REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON … FROM it)"]);
}

#[tokio::test]
async fn a_password_that_is_wrong_is_said_without_saying_it() {
    let address = "postgres://nobody_there:hunter2@127.0.0.1:1/x";
    let database = Postgres::new(address, settings(DatabaseAccess::Read)).unwrap();
    let error = database.check().await.unwrap_err().to_string();
    assert_eq!(error, "the connection to the database broke");
    assert!(!format!("{database:?}").contains("hunter2"));
}

/// Threat D24.
#[tokio::test]
async fn a_role_cannot_fill_the_servers_disk_with_temporary_files() {
    let shop = Shop::new("read");
    shop.psql(&format!(
        "ALTER ROLE {0} SET temp_file_limit = '1MB'; ALTER ROLE {0} SET work_mem = '64kB'",
        shop.role
    ));
    let database = shop.open(DatabaseAccess::Read);
    let sort = "SELECT count(*) FROM (SELECT repeat('x', 100) || n FROM generate_series(1, 100000) AS n ORDER BY 1 OFFSET 0) AS x";
    let words = "the statement needs more temporary room than the database gives its role [C0410]";
    assert_eq!(query(&database, sort, &[]).await, Err(DatabaseError::Limit(words.into())));
}

//! Files that are damaged, missing or not ours; a disk that is full; a host that dies.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

use cofferdam_capabilities::database::{Database, DatabaseError, Value};
use cofferdam_policy::{DatabaseAccess, DatabaseLimits};

use crate::support::{Place, execute, one, operator, query};

/// No error shows where anything is.
fn tells_no_path(error: &DatabaseError, place: &Place) {
    let text = error.to_string();
    let folder = place.folder.path().to_string_lossy();
    assert!(!text.contains(&*folder) && !text.contains('/') && !text.contains("p.sqlite3"), "{text}");
}

#[tokio::test]
async fn a_damaged_file_is_an_error_wherever_it_is_damaged() {
    let place = Place::new();
    operator(
        &place.shop_file(),
        "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON items (name); \
         WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT 300) \
         INSERT INTO items SELECT a, hex(randomblob(20)) FROM n",
    )
    .await;
    let sound = fs::read(place.shop_file()).unwrap();
    let mut found = 0;
    for sector in 0..sound.len() / 512 {
        let mut damaged = sound.clone();
        for byte in &mut damaged[sector * 512..(sector + 1) * 512] {
            *byte ^= 0xa5;
        }
        fs::write(place.shop_file(), &damaged).unwrap();
        let shop = place.shop(DatabaseAccess::Read).await;
        for sql in [
            "SELECT * FROM items",
            "SELECT count(*) FROM items WHERE name > 'A'",
            "SELECT max(name) FROM items",
        ] {
            if let Err(error) = query(&shop, sql).await {
                tells_no_path(&error, &place);
                found += 1;
            }
        }
    }
    assert!(found > 10, "{found}");
    fs::write(place.shop_file(), b"this is no database, but long enough to be taken for one".repeat(20))
        .unwrap();
    let shop = place.shop(DatabaseAccess::Read).await;
    let error = query(&shop, "SELECT 1 FROM items").await.unwrap_err();
    assert_eq!(error, DatabaseError::Failed("the file of the database `shop` is damaged".into()));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_made() {
    let place = Place::new();
    let shop = place.plugin("p", DatabaseAccess::Schema, DatabaseLimits::default()).open("shop").unwrap();
    let error = query(&shop, "SELECT 1").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Unavailable(_)), "{error}");
    tells_no_path(&error, &place);
    assert!(!place.shop_file().exists());
    operator(&place.shop_file(), "CREATE TABLE items (a)").await;
    assert_eq!(one(&shop, "SELECT count(*) FROM items").await, Value::Int64(0));
}

#[tokio::test]
async fn a_link_in_place_of_a_plugin_s_file_is_not_followed() {
    let place = Place::new();
    operator(&place.shop_file(), "CREATE TABLE secret (a)").await;
    fs::create_dir(place.data()).unwrap();
    fs::set_permissions(place.data(), fs::Permissions::from_mode(0o700)).unwrap();
    std::os::unix::fs::symlink(place.shop_file(), place.own_file()).unwrap();
    let error = query(&place.own(), "SELECT * FROM secret").await.unwrap_err();
    assert!(matches!(error, DatabaseError::Unavailable(_)), "{error}");
    tells_no_path(&error, &place);
}

#[tokio::test]
async fn a_plugin_s_files_are_for_our_user_alone() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    let mut seen = Vec::new();
    for entry in fs::read_dir(place.data()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        seen.push(entry.file_name().into_string().unwrap());
    }
    seen.sort();
    assert_eq!(seen, ["p.sqlite3", "p.sqlite3-shm", "p.sqlite3-wal"]);
    assert_eq!(fs::metadata(place.data()).unwrap().permissions().mode() & 0o777, 0o700);
}

/// Runs this test program again as another process that writes to the file until it is killed, or can't go on.
const WRITER: &str = "COFFERDAM_TEST_WRITER";

#[tokio::test]
async fn the_writer_of_the_tests_below() {
    let Some(folder) = std::env::var_os(WRITER) else { return };
    let place = Place::new();
    let spec = cofferdam_capabilities::database::DatabaseSpec {
        data_dir: Some(std::path::PathBuf::from(folder).join("data")),
        ..place.spec(DatabaseAccess::Read, DatabaseLimits::default())
    };
    let plugin = cofferdam_policy::PluginId::parse("p").unwrap();
    let own = cofferdam_capabilities::PluginDatabases::new(plugin, spec).open("private").unwrap();
    let rows: Vec<_> = (0..100).map(|n| vec![Value::Int64(n)]).collect();
    for round in 0_i64.. {
        let sql = format!("INSERT INTO t VALUES ({round}, ?1, hex(randomblob(200)))");
        let done = own.execute_many(&sql, &rows, crate::support::LONG).await;
        println!("round {round}: {done:?}");
        std::io::stdout().flush().unwrap();
        if done.is_err() {
            return;
        }
    }
}

const ROUNDS: &str = "CREATE TABLE t (round INTEGER, n INTEGER, filler TEXT)";

/// The writer, started by a shell that first does what is asked.
fn writer(place: &Place, first: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new("sh")
        .args([
            "-c",
            &format!("{first} exec \"$0\" --exact faults::the_writer_of_the_tests_below --nocapture"),
        ])
        .arg(program)
        .env(WRITER, place.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Rounds that are there in part: no round may be.
async fn torn(own: &Database) -> Vec<Vec<Value>> {
    query(own, "SELECT round FROM t GROUP BY round HAVING count(*) % 100 != 0").await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_an_error_and_leaves_a_sound_file() {
    let place = Place::new();
    let own = place.own();
    execute(&own, ROUNDS).await.unwrap();
    // No file grows beyond half a megabyte; what the signal says of that is ignored.
    let mut child = writer(&place, "trap '' XFSZ; ulimit -f 1024;");
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success());
    let rounds: Vec<_> = lines.iter().filter(|line| line.contains("round ")).collect();
    assert!(rounds.len() > 2 && rounds[0].ends_with("Ok(100)"), "{rounds:?}");
    let last = rounds.last().unwrap();
    assert!(last.contains("Failed(") || last.contains("Limit("), "{last}");
    assert!(!last.contains('/'), "{last}");
    assert_eq!(torn(&own).await, Vec::<Vec<Value>>::new());
    assert_eq!(execute(&own, "INSERT INTO t VALUES (-1, 0, '')").await, Ok(1), "there is room again");
    drop(own);
    check_integrity(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_killed_while_it_writes_leaves_a_sound_file() {
    let place = Place::new();
    let own = place.own();
    execute(&own, ROUNDS).await.unwrap();
    for _ in 0..5 {
        let mut child = writer(&place, "");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let rounds = lines.by_ref().filter(|line| line.as_ref().is_ok_and(|line| line.contains("round ")));
        assert_eq!(rounds.take(3).count(), 3);
        // SIGKILL, in the middle of the fourth.
        child.kill().unwrap();
        child.wait().unwrap();
        // Two processes had the file: this one goes on, and finds whole rounds.
        assert_eq!(torn(&own).await, Vec::<Vec<Value>>::new());
        assert_eq!(execute(&own, "DELETE FROM t WHERE round < 0").await, Ok(0));
    }
    drop(own);
    check_integrity(&place).await;
}

async fn check_integrity(place: &Place) {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.own_file());
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let sound: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(sound, "ok");
}

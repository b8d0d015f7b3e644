//! A server that lies: threat D29. Whatever it sends, there is an error by the deadline, and the next one is tried anew.

use std::time::Duration;

use cofferdam_capabilities::database::{
    DatabaseError,
    backend::{Backend as _, Statement},
    postgres::{Postgres, PostgresSettings},
};
use cofferdam_policy::DatabaseAccess;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{settings, statement};

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

/// That the session is open, and ready.
fn welcome() -> Vec<u8> {
    [message(b'R', &[0; 4]), message(b'K', &[0; 8]), message(b'Z', b"I")].concat()
}

fn notice() -> Vec<u8> {
    message(b'N', b"SNOTICE\0VNOTICE\0C00000\0Mblah\0\0")
}

/// One column of text named `a`.
fn columns() -> Vec<u8> {
    let mut body = vec![0, 1, b'a', 0];
    body.extend([0; 6]);
    body.extend(25_u32.to_be_bytes());
    body.extend((-1_i16).to_be_bytes());
    body.extend((-1_i32).to_be_bytes());
    body.extend([0, 0]);
    message(b'T', &body)
}

/// Sends `first`, and `rest` after it for ever.
async fn lies(mut socket: TcpStream, first: Vec<u8>, rest: Vec<u8>) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    // A question for TLS comes first, and then the start of the session.
    for answer in [b"N".to_vec(), first] {
        assert!(socket.read(&mut buffer).await? > 0);
        socket.write_all(&answer).await?;
    }
    while !rest.is_empty() {
        socket.write_all(&rest).await?;
    }
    // Until the other side goes.
    while socket.read(&mut buffer).await? > 0 {}
    Ok(())
}

async fn asked(first: Vec<u8>, rest: Vec<u8>) -> DatabaseError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(lies(socket, first.clone(), rest.clone()));
        }
    });
    let url = format!("postgres://liar@{address}/x");
    let short = PostgresSettings {
        connect: Duration::from_millis(500),
        connections: 1,
        ..settings(DatabaseAccess::Read)
    };
    let database = Postgres::new(&url, short).unwrap();
    let short = Statement { time: Duration::from_secs(1), ..statement("SELECT 1", &[]) };
    let error = database.query(short).await.unwrap_err();
    // The place is free again, so the next one gets as far.
    let again = database.query(short).await.unwrap_err();
    assert_eq!(again, error);
    server.abort();
    error
}

const LATE: &str = "the database didn't answer in time";

#[tokio::test(flavor = "multi_thread")]
async fn lies_before_the_session_is_open_end_by_the_deadline() {
    for (what, first, rest, expected) in [
        ("nothing", vec![], vec![], LATE),
        ("notices without end", vec![], notice(), LATE),
        ("notices after the welcome", welcome(), notice(), LATE),
        ("a message of four gigabytes", [b"R".as_slice(), &[0xFF; 4]].concat(), vec![0; 4096], LATE),
        ("a message with a length of none", [b"R".as_slice(), &[0; 4]].concat(), vec![], ""),
        ("an unknown message", message(b'?', b""), vec![], ""),
        ("an unknown way to log in", message(b'R', &[0, 0, 0, 99]), vec![], ""),
        ("a short way to log in", message(b'R', &[0]), vec![], ""),
        ("an error without fields", message(b'E', b""), vec![], ""),
        ("text that is none", message(b'E', b"SFATAL\0VFATAL\0C28P01\0M\xFF\xFE\0\0"), vec![], ""),
        (
            "a refusal",
            message(b'E', b"SFATAL\0VFATAL\0C28P01\0Mpassword for liar is wrong\0\0"),
            vec![],
            "the database refused the host's credentials",
        ),
    ] {
        let error = asked(first, rest).await;
        let DatabaseError::Unavailable(words) = &error else { panic!("{what}: {error:?}") };
        assert!(expected.is_empty() || words == expected, "{what}: {words}");
        assert!(!words.contains("liar"), "{what}: {words}");
    }
}

/// The first thing that a session is asked is who it is: these rows answer that.
#[tokio::test(flavor = "multi_thread")]
async fn lies_in_rows_are_errors_and_no_panics() {
    let row = |body: &[u8]| {
        [welcome(), columns(), message(b'D', body), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")]
            .concat()
    };
    for (what, body) in [
        ("no columns", vec![0, 0]),
        ("nothing at all", vec![]),
        ("a column that is cut off", vec![0, 1, 0, 0, 0, 9, b'x']),
        ("a column of two gigabytes", [vec![0, 1], i32::MAX.to_be_bytes().to_vec()].concat()),
        ("a negative length", [vec![0, 1], i32::MIN.to_be_bytes().to_vec()].concat()),
        ("more columns than announced", [vec![0xFF, 0xFF], vec![0; 8]].concat()),
        ("text that is none", vec![0, 1, 0, 0, 0, 1, 0xFF]),
    ] {
        let error = asked(row(&body), vec![]).await;
        assert!(matches!(error, DatabaseError::Unavailable(_)), "{what}: {error:?}");
    }
}

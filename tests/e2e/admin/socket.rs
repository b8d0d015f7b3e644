//! The socket itself: who can get at it, when it is there, and what it takes.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use cofferdam_tests::guest::Good;
use serde_json::json;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn the_socket_is_its_user_s_alone_and_goes_with_its_host() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let mut host = place.serve(&[]).await;
    assert_eq!((mode(&place.folder()), mode(&place.socket(&host))), (0o700, 0o600));
    // Nothing else is left in the folder.
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 1);
    let socket = place.socket(&host);
    host.signal("TERM");
    assert!(host.ended().await.success());
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_folder_that_isn_t_safe_is_not_used_and_the_host_serves_without() {
    let elsewhere = tempfile::tempdir().unwrap();
    type Prepare<'a> = &'a dyn Fn(&Path);
    let cases: [(Prepare<'_>, &str); 3] = [
        (
            &|folder| {
                fs::create_dir(folder).unwrap();
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
            },
            "has mode 0755, so others can get at it; run `chmod 700 ",
        ),
        (
            &|folder| symlink(elsewhere.path(), folder).unwrap(),
            "is a link, where a folder of this user was expected",
        ),
        (&|folder| fs::write(folder, "").unwrap(), "is a file, where a folder of this user was expected"),
    ];
    for (prepare, words) in cases {
        let place = Place::new(&[("echo", Good::Echo)]);
        prepare(&place.folder());
        let host = place.serve(&[]).await;
        let log = host.log.until("no admin socket").await.unwrap();
        assert!(log.contains(words), "{words} in:\n{log}");
        let answer = call_tool(&host, "echo_echo", json!({ "text": "a" })).await;
        assert_eq!(answer["result"]["content"][0]["text"], "a");
        let said = place.ask(&["ps"]);
        assert_eq!(said.code, 5);
        assert!(said.err.contains(words) && said.err.contains("error: no host serves "), "{}", said.err);
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_said_and_the_host_serves_without() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let deep = place.runtime.path().join("d".repeat(100));
    fs::create_dir(&deep).unwrap();
    let arguments = ["serve", "--plugins", text(place.plugins.path()), "--http", "127.0.0.1:0"];
    let mut command = place.command(&arguments);
    command.env("XDG_RUNTIME_DIR", &deep);
    let host = HostProcess::start(command).await;
    let log = host.log.until("no admin socket").await.unwrap();
    assert!(log.contains("bytes, more than the 107 that a socket can have there"), "{log}");
    let answer = call_tool(&host, "echo_echo", json!({ "text": "a" })).await;
    assert_eq!(answer["result"]["content"][0]["text"], "a");
}

#[tokio::test]
async fn a_killed_host_s_socket_is_cleared_away_and_reported() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let mut host = place.serve(&[]).await;
    let (pid, socket) = (host.id(), place.socket(&host));
    host.signal("KILL");
    host.ended().await;
    assert!(socket.exists());
    let said = run(place.command(&["ps", "--admin"]).arg(&socket));
    assert_eq!((said.code, said.out.as_str()), (5, ""));
    assert!(
        said.err.contains(&format!("nobody answers at {}: its host was killed", socket.display())),
        "{}",
        said.err
    );

    let said = place.ask(&["ps"]);
    assert_eq!((said.code, said.out.as_str()), (5, ""));
    assert!(
        said.err.starts_with(&format!("host {pid} was killed, and its socket is removed\n")),
        "{}",
        said.err
    );
    let directory = place.plugins.path().display();
    let none =
        format!("error: no host serves {directory}; start one with `cofferdam serve --plugins {directory}`");
    assert!(said.err.contains(&none), "{}", said.err);
    assert!(!socket.exists());

    let said = run(place.command(&["ps", "--admin"]).arg(&socket));
    assert!(said.err.contains(&format!("there is no socket {}", socket.display())), "{}", said.err);
}

#[tokio::test]
async fn a_host_that_starts_clears_away_what_a_killed_one_left() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let mut killed = place.serve(&[]).await;
    let left = place.socket(&killed);
    killed.signal("KILL");
    killed.ended().await;
    assert!(left.exists());
    let host = place.serve(&[]).await;
    assert!(!left.exists() && place.socket(&host).exists());
}

#[tokio::test]
async fn garbage_harms_nothing_and_every_mistake_is_answered_in_json() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let host = place.serve(&[]).await;
    let socket = place.socket(&host);
    let long = [b"GET /".to_vec(), vec![b'a'; 1 << 20]].concat();
    let huge = [
        b"POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n".to_vec(),
        vec![0; 1 << 20],
    ];
    for garbage in
        [&b"\x16\x03\x01\x00\xff\x00"[..], b"GET", b"\r\n\r\n\r\n", b"A B C\r\n\r\n", &long, &huge.concat()]
    {
        send(&socket, garbage);
    }
    assert!(send(&socket, b"nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));

    for (line, status, code) in [
        ("GET /", "404 Not Found", "not_found"),
        ("GET /reload", "405 Method Not Allowed", "method_not_allowed"),
        ("DELETE /plugins", "405 Method Not Allowed", "method_not_allowed"),
        ("GET /plugins/%ff/history", "400 Bad Request", "bad_request"),
        ("GET /plugins/A%20B/history", "400 Bad Request", "bad_request"),
        ("POST /plugins/nobody/rollback", "404 Not Found", "unknown_plugin"),
        ("POST /plugins/echo/rollback", "409 Conflict", "no_previous"),
        ("GET /logs?nothing=1", "400 Bad Request", "bad_request"),
    ] {
        let (found, problem) = request(&socket, line);
        assert_eq!((found.as_str(), &problem["error"]["code"]), (status, &json!(code)), "{line}");
        assert!(!problem["error"]["message"].as_str().unwrap().is_empty());
    }
    let (status, about) = request(&socket, "GET /host");
    assert_eq!((status.as_str(), &about["pid"]), ("200 OK", &json!(host.id())));
    assert_eq!(about["serves"], host.url());
    let answer = call_tool(&host, "echo_echo", json!({ "text": "a" })).await;
    assert_eq!(answer["result"]["content"][0]["text"], "a");
}

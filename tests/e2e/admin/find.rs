//! Which host a command asks.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use cofferdam_tests::guest::Good;
use serde_json::json;

use super::*;

#[tokio::test]
async fn two_hosts_are_told_apart() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let other = plugins::folder(&[("other", Good::Echo)]);
    let (one, two) = (place.serve(&[]).await, place.serve_folder(other.path(), &[]).await);
    let ids = |said: Said| {
        let answer: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.err));
        answer["plugins"][0]["id"].clone()
    };
    let ask = |arguments: &[&str]| run(&mut place.command(&[&["ps", "--json"], arguments].concat()));
    assert_eq!(ids(ask(&["--plugins", text(place.plugins.path())])), "echo");
    assert_eq!(ids(ask(&["--plugins", text(other.path())])), "other");
    assert_eq!(ids(ask(&["--admin", text(&place.socket(&two))])), "other");
    // As a configuration says it.
    let file = other.path().join("cofferdam.toml");
    fs::write(&file, "plugins_dir = \".\"\n").unwrap();
    assert_eq!(ids(ask(&["--config", text(&file)])), "other");

    // Neither is of the folder that is meant without a word.
    let elsewhere = tempfile::tempdir().unwrap();
    let said = run(place.command(&["ps"]).current_dir(elsewhere.path()));
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    for (host, folder) in [(&one, place.plugins.path()), (&two, other.path())] {
        let (socket, pid, url) = (place.socket(host), host.id(), host.url());
        let line = format!(
            "  --admin {}   pid {pid}, serves {url}, plugins {}\n",
            socket.display(),
            folder.display()
        );
        assert!(said.err.contains(&line), "{line} in:\n{}", said.err);
    }
}

#[tokio::test]
async fn a_configuration_that_doesn_t_hold_keeps_nobody_from_looking() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let _host = place.serve(&[]).await;
    let file = place.plugins.path().join("cofferdam.toml");
    fs::write(&file, "[limits]\nmemry = 1\n").unwrap();
    let said = place.ask(&["ps", "--config", text(&file)]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("unknown key `memry`"), "{}", said.err);
    assert!(said.err.contains("the host is looked for without the configuration\n"), "{}", said.err);
    assert!(said.out.contains("\necho      serving "), "{}", said.out);
}

#[tokio::test]
async fn two_hosts_of_one_folder_are_listed() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let (one, two) = (place.serve(&[]).await, place.serve(&[]).await);
    call_tool(&two, "echo_echo", json!({ "text": "a" })).await;
    let said = place.ask(&["ps"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.starts_with("error: several hosts serve the plugins directory; name one of them:\n"),
        "{}",
        said.err
    );
    for (host, calls) in [(one, 0), (two, 1)] {
        let socket = place.socket(&host);
        assert!(
            said.err.contains(&format!("  --admin {}   pid {}", socket.display(), host.id())),
            "{}",
            said.err
        );
        let told = place.ask_json(&["ps", "--admin", text(&socket)]);
        assert_eq!(told["plugins"][0]["calls"], calls);
    }
}

#[tokio::test]
async fn a_socket_that_the_configuration_names_is_where_the_host_is_found() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let open = tempfile::tempdir().unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let (file, socket) = (open.path().join("cofferdam.toml"), open.path().join("admin"));
    fs::write(&file, "[admin]\nsocket = \"admin\"\n").unwrap();
    // Another one, of the same plugins.
    let _other = place.serve(&[]).await;
    let mut host = place.serve(&["--config", text(&file)]).await;
    assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o7777, 0o600);
    assert!(!place.socket(&host).exists());
    call_tool(&host, "echo_echo", json!({ "text": "a" })).await;
    assert_eq!(place.ask_json(&["ps", "--config", text(&file)])["plugins"][0]["calls"], 1);

    // It is taken: a second host serves without.
    let third = place.serve(&["--config", text(&file)]).await;
    let log = third.log.until("no admin socket").await.unwrap();
    assert!(log.contains(&format!("another process answers at {}", socket.display())), "{log}");

    host.signal("TERM");
    assert!(host.ended().await.success());
    assert!(!socket.exists());
    // Then the other one is found, and it is said why this one isn't.
    let said = place.ask(&["ps", "--config", text(&file), "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains(&format!("there is no socket {}", socket.display())), "{}", said.err);
    assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap()["plugins"][0]["calls"], 0);
}

#[tokio::test]
async fn a_host_whose_operator_wants_no_socket_has_none() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let file = place.plugins.path().join("cofferdam.toml");
    fs::write(&file, "[admin]\nenabled = false\n").unwrap();
    let _host = place.serve(&["--config", text(&file)]).await;
    assert!(!place.folder().exists());
    let said = place.ask(&["ps", "--config", text(&file)]);
    assert_eq!((said.code, said.out.as_str()), (5, ""));
    assert!(
        said.err.contains("`admin.enabled` is false, so a host of this configuration can't be asked"),
        "{}",
        said.err
    );
}

//! What else can lie in a folder, and what can happen to a file without a change of its bytes.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener},
    process::Command,
    time::{Duration, SystemTime},
};

use super::{becomes, changed, listed, put, session, tools};

const NO_ID: &str = "expected 1 to 32 characters of a-z, 0-9 and -";
const NO_FILE: &str = "not a regular file";
const LEADS_OUT: &str = "a link that leads out of the plugins directory";

#[tokio::test]
async fn odd_files_are_refused_with_their_reason_and_harm_no_good_one() {
    let (mut host, folder) = session().await;
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    let path = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let good = tools(&["two"]);
    let long = ["b".repeat(250).as_bytes(), b".wasm"].concat();
    let mut refused =
        vec![("socket.wasm", NO_FILE), ("null.wasm", LEADS_OUT), ("nowhere.wasm", "a link to nothing")];
    let _socket = UnixListener::bind(path(b"socket.wasm")).unwrap();
    symlink("/dev/null", path(b"null.wasm")).unwrap();
    symlink("nothing", path(b"nowhere.wasm")).unwrap();
    // Not everybody may make one.
    let made = Command::new("mknod").arg(path(b"zero.wasm")).args(["c", "1", "5"]).output().unwrap();
    refused.extend(made.status.success().then_some(("zero.wasm", NO_FILE)));
    for name in
        [b"..wasm".as_slice(), b".b.wasm", b"b\nc.wasm", b"\xff\xfe.wasm", b"Upper.wasm", b"b_c.wasm", &long]
    {
        fs::write(path(name), &good).unwrap();
    }
    let long = String::from_utf8_lossy(&long).into_owned();
    let names = ["..wasm", ".b.wasm", "b\nc.wasm", "\u{fffd}\u{fffd}.wasm", "Upper.wasm", "b_c.wasm", &long];
    refused.extend(names.map(|name| (name, NO_ID)));
    for ignored in [".wasm", "UPPER.WASM", "a.wasm.bak", "wasm"] {
        fs::write(path(ignored.as_bytes()), &good).unwrap();
    }
    let events = host.log.until_events("plugin refused", refused.len()).await;
    for (file, reason) in &refused {
        let event = events.iter().find(|event| event["file"] == *file);
        let said = event.unwrap_or_else(|| panic!("{file:?} in {events:?}"))["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{file:?}: {said}");
    }
    // Whatever of them was noticed as a change of the list would come before this.
    put(folder.path(), "z", &tools(&["last"]));
    assert_eq!(changed(&mut host).await, ["a_one", "z_last"]);
    assert_eq!(host.log.events("plugin refused").len(), refused.len());
}

#[tokio::test]
async fn two_names_of_one_file_are_two_plugins_until_one_of_them_changes() {
    let (mut host, folder) = session().await;
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    fs::hard_link(folder.path().join("a.wasm"), folder.path().join("b.wasm")).unwrap();
    assert_eq!(changed(&mut host).await, ["a_one", "b_one"]);
    // Written in place it changes under both names.
    put(folder.path(), "b", &tools(&["two"]));
    becomes(&mut host, &["a_two", "b_two"]).await;
    fs::remove_file(folder.path().join("a.wasm")).unwrap();
    becomes(&mut host, &["b_two"]).await;
}

#[tokio::test]
async fn a_file_that_is_touched_all_the_time_is_neither_compiled_nor_announced() {
    let (mut host, folder) = session().await;
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    let file = fs::File::options().write(true).open(folder.path().join("a.wasm")).unwrap();
    for touch in 0..10_000 {
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(touch)).unwrap();
        if touch % 500 == 0 {
            // While files settle and are read again, the list is what it was.
            assert_eq!(listed(&mut host).await, ["a_one"]);
        }
    }
    put(folder.path(), "b", &tools(&["two"]));
    // The next message is of this change, with nothing before it.
    assert_eq!(changed(&mut host).await, ["a_one", "b_two"]);
    let loaded = host.log.events("plugin loaded");
    let of_a = loaded.iter().filter(|event| event["plugin"] == "a");
    assert_eq!(of_a.count(), 1, "{loaded:?}");
}

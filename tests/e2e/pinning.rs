//! Who may come into service while the host serves: what was approved, and what was signed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cofferdam_tests::{Signer, StdioProcess, plugins::put, process::command};
use tempfile::TempDir;

use crate::reload::{changed, listed, session_on, tools};

/// A host under a policy, with its folder of plugins.
struct Pinned {
    host: StdioProcess,
    policy: TempDir,
    plugins: TempDir,
}

impl Pinned {
    async fn start(policy: &str, prepare: impl FnOnce(&Path, &Path)) -> Self {
        let (directory, plugins) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(directory.path().join("cofferdam.toml"), policy).unwrap();
        prepare(directory.path(), plugins.path());
        let config = directory.path().join("cofferdam.toml");
        let host = session_on(plugins.path(), &["--config", config.to_str().unwrap()]).await;
        Self { host, policy: directory, plugins }
    }

    fn put(&self, name: &str, names: &[&str]) {
        put(self.plugins.path(), name, &tools(names));
    }

    fn approve(&self, name: &str) {
        approve(self.policy.path(), self.plugins.path(), name);
    }
}

fn approve(policy: &Path, plugins: &Path, name: &str) {
    let (config, plugins) = (policy.join("cofferdam.toml"), plugins.to_str().unwrap());
    let arguments = ["approve", name, "--yes", "--plugins", plugins, "--config", config.to_str().unwrap()];
    let ended = command(&arguments).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
}

const LOCK: &str = "[plugins]\ntrust = \"lock\"\n";

#[tokio::test]
async fn what_was_not_approved_waits_while_the_approved_version_serves() {
    let mut pinned = Pinned::start(LOCK, |policy, plugins| {
        put(plugins, "a", &tools(&["one"]));
        approve(policy, plugins, "a");
        put(plugins, "b", &tools(&["never"]));
    })
    .await;
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    pinned.host.log.until("the plugin isn't approved: run `cofferdam approve b`").await.unwrap();

    pinned.put("a", &["one", "two"]);
    pinned.host.log.until("differs from what was approved").await.unwrap();
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);

    pinned.approve("a");
    assert_eq!(changed(&mut pinned.host).await, ["a_one", "a_two"]);
    pinned.approve("b");
    assert_eq!(changed(&mut pinned.host).await, ["a_one", "a_two", "b_never"]);
}

#[tokio::test]
async fn a_lock_that_cannot_be_read_approves_nothing_and_takes_nothing_away() {
    let mut pinned = Pinned::start(LOCK, |policy, plugins| {
        put(plugins, "a", &tools(&["one"]));
        approve(policy, plugins, "a");
    })
    .await;
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    let lock = pinned.policy.path().join("cofferdam.lock");
    let good = fs::read(&lock).unwrap();
    fs::write(&lock, "version = 99\n").unwrap();
    pinned.host.log.until("nothing new comes into service").await.unwrap();
    pinned.put("a", &["two"]);
    pinned.host.log.until("cofferdam.lock can't be used").await.unwrap();
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    // Once it can be read, what it approves of counts again, and this isn't it.
    fs::write(&lock, good).unwrap();
    pinned.host.log.until("differs from what was approved").await.unwrap();
    pinned.approve("a");
    assert_eq!(changed(&mut pinned.host).await, ["a_two"]);
}

#[tokio::test]
async fn trust_that_is_turned_on_holds_for_what_comes_from_then_on() {
    let mut pinned = Pinned::start("", |_, plugins| put(plugins, "a", &tools(&["one"]))).await;
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    fs::write(pinned.policy.path().join("cofferdam.toml"), LOCK).unwrap();
    pinned.host.log.until("configuration read again").await.unwrap();
    pinned.put("b", &["two"]);
    pinned.host.log.until("the plugin isn't approved: run `cofferdam approve b`").await.unwrap();
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    fs::write(pinned.policy.path().join("cofferdam.toml"), "").unwrap();
    assert_eq!(changed(&mut pinned.host).await, ["a_one", "b_two"]);
}

#[tokio::test]
async fn only_what_a_trusted_key_signed_serves() {
    let (ours, theirs) = (Signer::new(1), Signer::new(2));
    let policy = format!("[plugins]\ntrust = \"signed\"\ntrusted_keys = [\"{}\"]\n", ours.public());
    let mut pinned = Pinned::start(&policy, |_, plugins| put(plugins, "a", &tools(&["one"]))).await;
    pinned.host.log.until("the plugin isn't signed").await.unwrap();
    let signature = |pinned: &Pinned| -> PathBuf { pinned.plugins.path().join("a.wasm.minisig") };

    fs::write(signature(&pinned), theirs.sign(&tools(&["one"]), "file:a.wasm")).unwrap();
    pinned.host.log.until("which is none of").await.unwrap();
    // The signature alone changes, and is noticed.
    fs::write(signature(&pinned), ours.sign(&tools(&["one"]), "file:a.wasm")).unwrap();
    assert_eq!(changed(&mut pinned.host).await, ["a_one"]);

    pinned.put("a", &["two"]);
    pinned.host.log.until("doesn't fit the file").await.unwrap();
    assert_eq!(listed(&mut pinned.host).await, ["a_one"]);
    fs::write(signature(&pinned), ours.sign(&tools(&["two"]), "file:a.wasm")).unwrap();
    assert_eq!(changed(&mut pinned.host).await, ["a_two"]);
}

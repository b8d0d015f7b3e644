//! A host that ends without warning, at any step: the next one starts cleanly on what it left.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use cofferdam_runtime::load::digest;
use cofferdam_tests::{
    HostProcess, Http,
    guest::{versions, wat},
    messages::{call, modern},
    plugins::put,
    process::{children, is_there},
};
use serde_json::json;
use tempfile::TempDir;

use super::{removal::big, replace, same_but, with_cache};

/// Looks that wait for something outside this process.
const LOOK: Duration = Duration::from_millis(2);

struct Scene {
    above: TempDir,
}

impl Scene {
    /// One with the first version of `p`, and a cache that knows it.
    async fn new() -> Self {
        let scene = Self { above: tempfile::tempdir().unwrap() };
        fs::create_dir(scene.plugins()).unwrap();
        put(&scene.plugins(), "p", &versions::component(1));
        scene.host().await.kill().await;
        scene
    }

    fn plugins(&self) -> PathBuf {
        self.above.path().join("plugins")
    }

    fn cache(&self) -> PathBuf {
        self.above.path().join("cofferdam")
    }

    async fn host(&self) -> HostProcess {
        HostProcess::start(self.command()).await
    }

    fn command(&self) -> Command {
        with_cache(&self.plugins(), self.above.path())
    }
}

async fn serves(host: &HostProcess, version: u32) {
    let message = modern(1, "tools/call", call("p_version", json!({})));
    let answer = Http::new(&host.url()).modern(&message).await.answer();
    for block in 0..2 {
        assert_eq!(answer["result"]["content"][block]["text"], versions::said(version), "{answer}");
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("waited in vain until {what}");
}

/// A component that takes the compiler seconds.
fn slow() -> Vec<u8> {
    let body =
        "(local.set 0 (i32.mul (i32.add (local.get 0) (local.get 1)) (i32.xor (local.get 1) (i32.const 77))))
                (local.set 1 (i32.rotl (i32.sub (local.get 1) (local.get 0)) (i32.const 5)))"
            .repeat(40);
    let function = |index: usize| {
        format!(
            "(func $f{index} (param i32 i32) (result i32) {body} (i32.add (local.get 0) (i32.const {index})))\n"
        )
    };
    let functions: String = (0..1_500).map(function).collect();
    let all: String = (0..1_500).map(|index| format!(" $f{index}")).collect();
    wat::component(&format!("{functions}(table funcref (elem{all}))"))
}

#[tokio::test]
async fn while_a_component_is_compiled() {
    let scene = Scene::new().await;
    let host = scene.host().await;
    put(&scene.plugins(), "slow", &slow());
    let id = host.id();
    until("a compiler runs", || !children(id).is_empty()).await;
    let compilers = children(id);
    serves(&host, 1).await;
    host.kill().await;
    let next = scene.host().await;
    serves(&next, 1).await;
    // The next host has compiled it by now, as it is there at its start; nothing of the old one was used.
    let loaded = next.log.until_events("plugin loaded", 2).await;
    let cached =
        |plugin: &str| loaded.iter().find(|event| event["plugin"] == plugin).unwrap()["cached"].clone();
    assert_eq!((cached("p"), cached("slow")), (json!(true), json!(false)));
    // Nobody reads what the orphan writes, so it ends when it is done; before that, by its own limits.
    until("the compiler of the old host is gone", || !compilers.iter().any(|id| is_there(*id))).await;
}

/// The files of the cache whose names are like this.
fn entries(cache: &Path, is_it: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let files = fs::read_dir(cache).into_iter().flatten().flatten();
    files.filter(|file| is_it(&file.file_name().to_string_lossy())).map(|file| file.path()).collect()
}

fn unfinished(cache: &Path) -> Vec<PathBuf> {
    entries(cache, |name| name.starts_with(".new-"))
}

/// Rounds in which the host may be quicker than its end.
const ROUNDS: u8 = 12;

#[tokio::test]
async fn while_native_code_is_kept() {
    let scene = Scene::new().await;
    let big = big(24);
    let mut caught = false;
    for round in 0..ROUNDS {
        let mut host = scene.host().await;
        let component = same_but(&big, round);
        put(&scene.plugins(), "big", &component);
        let (cache, digest) = (scene.cache(), digest(&component));
        let whole = move |cache: &Path| !entries(cache, |name| name.starts_with(&digest)).is_empty();
        let ended = tokio::task::spawn_blocking(move || {
            while unfinished(&cache).is_empty() && !whole(&cache) {
                std::thread::yield_now();
            }
            host.kill_at_once();
            (host, whole)
        });
        let (host, whole) = ended.await.unwrap();
        host.kill().await;
        let (half, whole) = (unfinished(&scene.cache()), whole(&scene.cache()));
        assert_ne!(half.is_empty(), !whole, "round {round}: {half:?}");
        let next = scene.host().await;
        serves(&next, 1).await;
        let loaded = next.log.until_events("plugin loaded", 2).await;
        let event = loaded.iter().find(|event| event["plugin"] == "big").unwrap();
        assert_eq!(event["cached"], whole, "round {round}: what isn't whole must not be used, and only that");
        assert_eq!(next.log.events("a compile cache entry doesn't verify, and is dropped").len(), 0);
        next.kill().await;
        if !whole {
            caught = true;
            break;
        }
        fs::remove_file(scene.plugins().join("big.wasm")).unwrap();
    }
    assert!(caught, "the host was always quicker than its end");
}

#[tokio::test]
async fn while_versions_are_swapped() {
    let scene = Scene::new().await;
    let mut version = 1;
    for round in 0..6_u64 {
        let host = scene.host().await;
        serves(&host, version).await;
        for _ in 0..3 {
            version += 1;
            replace(&scene.plugins(), "p", &versions::component(version));
            // The look, the read, the compilation, the swap: the end comes in any of them.
            tokio::time::sleep(Duration::from_millis(round * 37)).await;
        }
        host.kill().await;
    }
    let host = scene.host().await;
    serves(&host, version).await;
}

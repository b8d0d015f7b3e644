//! The compile cache through the real binary: it saves work, and nothing that happens to it costs more than that.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use cofferdam_tests::{
    HostProcess, Http,
    guest::versions,
    messages::{call, modern},
    plugins::put,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::with_cache;

/// Two plugins, and a cache of their own.
struct Scene {
    above: TempDir,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { above: tempfile::tempdir().unwrap() };
        fs::create_dir(scene.plugins()).unwrap();
        put(&scene.plugins(), "a", &versions::component(1));
        put(&scene.plugins(), "b", &versions::component(2));
        scene
    }

    /// One whose cache has both.
    async fn warm() -> Self {
        let scene = Self::new();
        assert_eq!(scene.run().await.cached, [false, false]);
        scene
    }

    fn plugins(&self) -> PathBuf {
        self.above.path().join("plugins")
    }

    fn cache(&self) -> PathBuf {
        self.above.path().join("cofferdam")
    }

    /// The entries: of `a`, of `b`.
    fn entries(&self) -> [PathBuf; 2] {
        [1, 2].map(|version| {
            let digest = cofferdam_runtime::load::digest(&versions::component(version));
            let files = fs::read_dir(self.cache()).unwrap().map(|file| file.unwrap().path());
            let is_of = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(&digest);
            let mut found: Vec<_> = files.filter(is_of).collect();
            assert_eq!(found.len(), 1, "{found:?}");
            found.remove(0)
        })
    }

    fn command(&self) -> Command {
        with_cache(&self.plugins(), self.above.path())
    }

    /// Starts the host, and has both plugins called.
    async fn run(&self) -> Run {
        Run::of(self.command()).await
    }
}

/// What a start made of the cache.
struct Run {
    /// Whether it had the code of `a`, of `b`.
    cached: [bool; 2],
    host: HostProcess,
}

impl Run {
    async fn of(command: Command) -> Self {
        let host = HostProcess::start(command).await;
        let http = Http::new(&host.url());
        for (plugin, version) in [("a", 1), ("b", 2)] {
            let message = modern(1, "tools/call", call(&format!("{plugin}_version"), json!({})));
            let answer = http.modern(&message).await.answer();
            assert_eq!(answer["result"]["content"][0]["text"], versions::said(version), "{answer}");
        }
        let loaded = host.log.until_events("plugin loaded", 2).await;
        let of = |plugin: &str| loaded.iter().find(|event| event["plugin"] == plugin).unwrap();
        let cached = ["a", "b"].map(|plugin| of(plugin)["cached"].as_bool().unwrap());
        Self { cached, host }
    }

    fn warnings(&self, message: &str) -> Vec<Value> {
        let warnings = self.host.log.events(message);
        assert!(warnings.iter().all(|event| event["level"] == "WARN"), "{warnings:?}");
        warnings
    }
}

const DROPPED: &str = "a compile cache entry doesn't verify, and is dropped";
const UNUSABLE: &str = "the compile cache can't be used, so every start compiles every plugin";
const FULL: &str = "can't write to the compile cache";

#[tokio::test]
async fn a_second_start_compiles_nothing() {
    let scene = Scene::warm().await;
    assert_eq!(scene.run().await.cached, [true, true]);
    assert_eq!(scene.run().await.cached, [true, true]);
}

#[tokio::test]
async fn a_version_that_was_there_before_is_not_compiled_again() {
    let scene = Scene::warm().await;
    let host = HostProcess::start(scene.command()).await;
    put(&scene.plugins(), "a", &versions::component(3));
    host.log.until_events("plugin loaded", 3).await;
    put(&scene.plugins(), "a", &versions::component(2));
    let loaded = host.log.until_events("plugin loaded", 4).await;
    assert_eq!([&loaded[2]["cached"], &loaded[3]["cached"]], [false, true]);
}

#[tokio::test]
async fn entries_that_were_tampered_with_are_dropped_compiled_again_and_good_for_the_next_start() {
    let scene = Scene::warm().await;
    let [a, b] = scene.entries();
    let flipped = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        bytes
    };
    let cut = |path: &Path| fs::read(path).unwrap()[..1_000].to_vec();
    for (bad_a, bad_b) in
        [(flipped(&a), cut(&b)), (fs::read(&b).unwrap(), fs::read(&a).unwrap()), (vec![], vec![0])]
    {
        fs::write(&a, bad_a).unwrap();
        fs::write(&b, bad_b).unwrap();
        let run = scene.run().await;
        assert_eq!(run.cached, [false, false]);
        assert_eq!(run.warnings(DROPPED).len(), 2);
        drop(run);
        assert_eq!(scene.run().await.cached, [true, true]);
    }
}

#[tokio::test]
async fn entries_of_another_cache_are_compiled_again() {
    let (ours, theirs) = (Scene::warm().await, Scene::warm().await);
    for (our, their) in ours.entries().iter().zip(theirs.entries()) {
        assert_eq!(our.file_name(), their.file_name());
        fs::copy(their, our).unwrap();
    }
    let run = ours.run().await;
    assert_eq!((run.cached, run.warnings(DROPPED).len()), ([false, false], 2));
}

#[tokio::test]
async fn a_cache_that_others_reach_is_reported_and_not_used() {
    let scene = Scene::warm().await;
    fs::set_permissions(scene.cache(), fs::Permissions::from_mode(0o755)).unwrap();
    for _ in 0..2 {
        let run = scene.run().await;
        assert_eq!(run.cached, [false, false]);
        let error = run.warnings(UNUSABLE)[0]["error"].as_str().unwrap().to_owned();
        assert_eq!(error, "others can reach into it (mode 755); run `chmod 700` on it");
    }
    fs::set_permissions(scene.cache(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(scene.run().await.cached, [true, true]);
}

#[tokio::test]
async fn where_the_cache_is_no_directory_the_host_serves_without() {
    let scene = Scene::new();
    fs::write(scene.cache(), "").unwrap();
    let run = scene.run().await;
    assert_eq!((run.cached, run.warnings(UNUSABLE).len()), ([false, false], 1));
}

#[tokio::test]
async fn an_entry_that_can_t_be_written_costs_the_entry_alone() {
    let scene = Scene::warm().await;
    let [a, _] = scene.entries();
    fs::remove_file(&a).unwrap();
    // Nobody can put a file there, whoever they are.
    fs::create_dir(&a).unwrap();
    fs::write(a.join("in the way"), "").unwrap();
    for _ in 0..2 {
        let run = scene.run().await;
        assert_eq!((run.cached, run.warnings(FULL).len()), ([false, true], 1));
    }
}

/// In a namespace of its own, which most systems let everybody have, the cache is a file system of a few pages.
#[tokio::test]
async fn a_cache_on_a_full_disk_costs_the_cache_alone() {
    let scene = Scene::new();
    fs::create_dir(scene.cache()).unwrap();
    for options in ["size=16k,mode=700", "ro,mode=700"] {
        let mut command = Command::new("unshare");
        let mount = format!("mount -t tmpfs -o {options} none \"$0\" && exec \"$@\"");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount]).arg(scene.cache());
        let possible = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"])
            .output();
        if !possible.is_ok_and(|output| output.status.success()) {
            // What can be tested everywhere is tested above.
            return;
        }
        let host = scene.command();
        command.arg(host.get_program()).args(host.get_args());
        for (name, value) in host.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let run = Run::of(command).await;
        assert_eq!(run.cached, [false, false]);
        let warnings = run.warnings(FULL).len() + run.warnings(UNUSABLE).len();
        assert!(warnings > 0, "{}", run.host.log.text());
    }
}

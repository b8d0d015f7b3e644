//! Every way of writing a file, while clients call at a steady pace: none of them notices but by the new version.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{FileExt as _, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use cofferdam_tests::{
    HostProcess,
    guest::versions,
    load::{Load, Seen},
};
use tempfile::TempDir;

/// Versions that are written one after the other, after the first.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=7;
/// The host's own patience: an absence that two looks can agree on is one.
const NOTICED: Duration = Duration::from_millis(50);

struct Scene {
    host: HostProcess,
    load: Load,
    above: TempDir,
    /// In some round the file was away long enough to be missed.
    missed: bool,
}

impl Scene {
    /// A host on the folder that `first` makes and fills, which clients call already.
    async fn start(first: impl Fn(&Path)) -> Self {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("plugins");
        first(&folder);
        let host = HostProcess::serve(&folder, &[]).await;
        let mut load = Load::start(&host.url(), "p");
        load.until(Seen::Version(1)).await;
        Self { host, load, above, missed: false }
    }

    /// One with the first version as a plain file.
    async fn plain() -> Self {
        Self::start(|folder| {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("p.wasm"), versions::component(1)).unwrap();
        })
        .await
    }

    fn folder(&self) -> PathBuf {
        self.above.path().join("plugins")
    }

    /// Writes all versions with `write`, which says for how long the file was away.
    async fn each(mut self, write: impl Fn(&Path, u32) -> Duration) {
        for version in VERSIONS {
            let away = write(&self.folder(), version);
            self.missed |= away >= NOTICED;
            self.load.until(Seen::Version(version)).await;
        }
        for sight in self.load.stop().await {
            let versions: Vec<_> = sight.seen.iter().filter_map(version).collect();
            assert!(versions.is_sorted_by(|a, b| a < b), "back to an older version: {sight:?}");
            assert!(self.missed || versions.len() == sight.seen.len(), "a call found no tool: {sight:?}");
            assert!(sight.lists > 0 && sight.calls > VERSIONS.count(), "{sight:?}");
        }
        assert_eq!(self.host.log.events("plugin removed; calls that run go on").len(), 0);
    }
}

fn version(seen: &Seen) -> Option<u32> {
    match seen {
        Seen::Version(version) => Some(*version),
        Seen::Nothing => None,
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("p.wasm")
}

#[tokio::test]
async fn a_copy_over_the_file() {
    let write = |folder: &Path, version| {
        let component = versions::component(version);
        let mut file = fs::File::create(file(folder)).unwrap();
        for part in component.chunks(component.len() / 3) {
            file.write_all(part).unwrap();
        }
        Duration::ZERO
    };
    Scene::plain().await.each(write).await;
}

#[tokio::test]
async fn a_new_file_renamed_over_the_old_one() {
    let write = |folder: &Path, version| {
        let new = folder.join(".p.wasm.new");
        fs::write(&new, versions::component(version)).unwrap();
        fs::rename(new, file(folder)).unwrap();
        Duration::ZERO
    };
    Scene::plain().await.each(write).await;
}

#[tokio::test]
async fn an_editor_that_keeps_the_old_file_until_the_new_one_is_written() {
    let write = |folder: &Path, version| {
        let (component, backup) = (versions::component(version), folder.join("p.wasm~"));
        let away = Instant::now();
        fs::rename(file(folder), &backup).unwrap();
        fs::write(file(folder), component).unwrap();
        let away = away.elapsed();
        fs::remove_file(backup).unwrap();
        away
    };
    Scene::plain().await.each(write).await;
}

#[tokio::test]
async fn some_bytes_in_the_middle_of_the_file() {
    let write = |folder: &Path, version| {
        let (old, new) = (fs::read(file(folder)).unwrap(), versions::component(version));
        assert_eq!(old.len(), new.len());
        let differs = |at: &usize| old[*at] != new[*at];
        let first = (0..old.len()).find(differs).unwrap();
        let last = (0..old.len()).rfind(differs).unwrap();
        let file = fs::File::options().write(true).open(file(folder)).unwrap();
        // At one stroke: who pauses in between leaves a file that says of itself it is whole.
        file.write_all_at(&new[first..=last], first as u64).unwrap();
        Duration::ZERO
    };
    Scene::plain().await.each(write).await;
}

#[tokio::test]
async fn a_mounted_folder_whose_data_are_switched() {
    let data = |folder: &Path, version: u32| {
        let name = format!("..data-{version}");
        fs::create_dir(folder.join(&name)).unwrap();
        fs::write(file(&folder.join(&name)), versions::component(version)).unwrap();
        symlink(&name, folder.join("..data-new")).unwrap();
        fs::rename(folder.join("..data-new"), folder.join("..data")).unwrap();
    };
    let scene = Scene::start(|folder| {
        fs::create_dir(folder).unwrap();
        data(folder, 1);
        symlink("..data/p.wasm", file(folder)).unwrap();
    });
    let write = |folder: &Path, version| {
        data(folder, version);
        // The kubelet does so at once: nothing points there any more.
        fs::remove_dir_all(folder.join(format!("..data-{}", version - 1))).unwrap();
        Duration::ZERO
    };
    scene.await.each(write).await;
}

#[tokio::test]
async fn a_folder_that_is_a_link_which_is_switched() {
    let switch = |folder: &Path, version: u32| {
        let release = folder.with_file_name(format!("release-{version}"));
        fs::create_dir(&release).unwrap();
        fs::write(file(&release), versions::component(version)).unwrap();
        let new = folder.with_file_name("new");
        symlink(&release, &new).unwrap();
        fs::rename(new, folder).unwrap();
    };
    let write = |folder: &Path, version| {
        switch(folder, version);
        Duration::ZERO
    };
    Scene::start(|folder| switch(folder, 1)).await.each(write).await;
}

/// What a client sees of a plugin that goes and comes back: nothing in between, and never an older version.
async fn goes_and_comes_back(go: impl Fn(&Path), come: impl Fn(&Path, &[u8])) {
    let mut scene = Scene::plain().await;
    let mut expected = vec![Seen::Version(1)];
    for version in VERSIONS {
        go(&scene.folder());
        scene.load.until(Seen::Nothing).await;
        come(&scene.folder(), &versions::component(version));
        scene.load.until(Seen::Version(version)).await;
        expected.extend([Seen::Nothing, Seen::Version(version)]);
    }
    for sight in scene.load.stop().await {
        assert_eq!(sight.seen, expected);
    }
}

#[tokio::test]
async fn a_file_that_is_deleted_and_comes_back() {
    let come = |folder: &Path, component: &[u8]| fs::write(file(folder), component).unwrap();
    goes_and_comes_back(|folder| fs::remove_file(file(folder)).unwrap(), come).await;
}

#[tokio::test]
async fn a_folder_that_vanishes_and_comes_back() {
    let away = |folder: &Path| folder.with_file_name("away");
    let go = |folder: &Path| fs::rename(folder, away(folder)).unwrap();
    let come = |folder: &Path, component: &[u8]| {
        fs::write(file(&away(folder)), component).unwrap();
        fs::rename(away(folder), folder).unwrap();
    };
    goes_and_comes_back(go, come).await;
}

#[tokio::test]
async fn a_folder_that_is_deleted_and_made_anew() {
    let come = |folder: &Path, component: &[u8]| {
        fs::create_dir(folder).unwrap();
        fs::write(file(folder), component).unwrap();
    };
    goes_and_comes_back(|folder| fs::remove_dir_all(folder).unwrap(), come).await;
}

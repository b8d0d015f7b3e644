//! Files that change under the host's hands: between two looks, between a look and a read, between read and load.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use cofferdam_runtime::load::digest;
use cofferdam_tests::{
    HostProcess,
    guest::versions,
    load::{Load, Seen},
};

/// Flips without a pause.
const FLIPS: u32 = 10_000;
/// Flips with pauses, in which the host gets to look, to read, to hash, or to load: each a little further.
const PAUSES: u64 = 60;

#[tokio::test]
async fn a_file_that_flips_between_two_versions_is_one_of_them_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let put =
        |name: &str, version| fs::write(folder.path().join(name), versions::component(version)).unwrap();
    put("p.wasm", 1);
    put("one.kept", 1);
    put("two.kept", 2);
    let host = HostProcess::serve(folder.path(), &[]).await;
    let mut load = Load::start(&host.url(), "p");
    load.until(Seen::Version(1)).await;

    let path = folder.path().to_owned();
    let swapper = tokio::task::spawn_blocking(move || {
        for round in 0..FLIPS {
            flip(&path, round % 2 == 0);
        }
        for round in 0..PAUSES {
            flip(&path, round % 2 == 0);
            std::thread::sleep(Duration::from_millis(round * 7 % 160));
        }
        // At the end it differs from what it was at the start.
        flip(&path, true);
    });
    swapper.await.unwrap();
    load.until(Seen::Version(2)).await;
    for sight in load.stop().await {
        let both = [Seen::Version(1), Seen::Version(2)];
        assert!(sight.seen.iter().all(|seen| both.contains(seen)), "{sight:?}");
    }
    let loaded = host.log.events("plugin loaded");
    // It got to load in between, and not just at the end.
    assert!(loaded.len() > 5, "{loaded:?}");
    let served: BTreeSet<_> =
        loaded.iter().map(|event| event["digest"].as_str().unwrap().to_owned()).collect();
    assert_eq!(served, BTreeSet::from([1, 2].map(|version| digest(&versions::component(version)))));
    assert_eq!(host.log.events("plugin refused").len(), 0);
    assert_eq!(host.log.events("plugin refused; its earlier version goes on").len(), 0);
}

/// Puts the other version in place. The file is one that was there before: the same number, length and time.
fn flip(folder: &Path, to_two: bool) {
    let (kept, new) = (folder.join(if to_two { "two.kept" } else { "one.kept" }), folder.join("new"));
    fs::hard_link(kept, &new).unwrap();
    fs::rename(&new, folder.join("p.wasm")).unwrap();
    // Had the file been the same already, nothing would have been renamed.
    let _ = fs::remove_file(new);
}

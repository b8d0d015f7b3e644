//! Hundreds of swaps under load: no call fails, and memory stays what it was. The benchmarks do ten thousand.

use cofferdam_tests::{
    HostProcess,
    guest::versions,
    load::{Load, Seen},
    plugins::put,
    process::resident,
};

use super::replace;

/// Versions in turn.
const VERSIONS: u32 = 6;
/// Swaps before memory is measured: allocators and caches have what they need then.
const BEFORE: u32 = 60;
const SWAPS: u32 = 240;
/// Of memory, for an allocator's moods.
const GROWTH: u64 = 16 << 20;

#[tokio::test]
async fn hundreds_of_swaps_fail_no_call_and_leave_no_memory_behind() {
    let folder = tempfile::tempdir().unwrap();
    let components: Vec<_> = (0..VERSIONS).map(versions::component).collect();
    put(folder.path(), "p", &components[0]);
    let host = HostProcess::serve(folder.path(), &["--log-level", "warn"]).await;
    let mut load = Load::start(&host.url(), "p");
    let mut base = 0;
    for swap in 1..=SWAPS {
        let version = swap % VERSIONS;
        replace(folder.path(), "p", &components[usize::try_from(version).unwrap()]);
        load.until(Seen::Version(version)).await;
        if swap == BEFORE {
            base = resident(host.id());
        }
    }
    let after = resident(host.id());
    assert!(after <= base + GROWTH, "{} KiB became {} KiB", base >> 10, after >> 10);
    for sight in load.stop().await {
        // In order, and each of them: what a client saw is what was written.
        let expected: Vec<_> = (0..=SWAPS).map(|swap| Seen::Version(swap % VERSIONS)).collect();
        assert_eq!(sight.seen, expected);
    }
}

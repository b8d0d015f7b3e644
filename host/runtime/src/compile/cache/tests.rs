//! What the cache gives back is what was put in, and nothing else ever.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use super::*;

const DIGEST: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn config(directory: &Path, size: u64) -> CacheConfig {
    CacheConfig { directory: directory.to_owned(), size }
}

fn cache(directory: &Path) -> Cache {
    Cache::open(&config(directory, 1 << 20), [7; 32]).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

fn put(cache: &Cache, digest: &str, bytes: &[u8]) {
    let pages = Pages::read(&mut &*bytes, bytes.len() as u64).unwrap();
    cache.put(digest, &Artefact::vouched(pages, 0));
}

fn got(cache: &Cache, digest: &str) -> Option<Vec<u8>> {
    cache.get(digest).map(|artefact| artefact.bytes().to_vec())
}

#[test]
fn what_is_put_is_got_by_a_later_process_too() {
    let folder = folder();
    put(&cache(folder.path()), DIGEST, b"code");
    assert_eq!(got(&cache(folder.path()), DIGEST).unwrap(), b"code");
    assert_eq!(got(&cache(folder.path()), OTHER), None);
}

#[test]
fn no_changed_bit_and_no_cut_passes() {
    let folder = folder();
    let cache = cache(folder.path());
    put(&cache, DIGEST, b"native code");
    let path = cache.path(DIGEST);
    let good = fs::read(&path).unwrap();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bad).unwrap();
        assert_eq!(got(&cache, DIGEST), None, "bit {bit}");
        assert!(!path.exists());
    }
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        assert_eq!(got(&cache, DIGEST), None, "{length} bytes");
    }
    fs::write(&path, [good.as_slice(), b"x"].concat()).unwrap();
    assert_eq!(got(&cache, DIGEST), None);
    fs::write(&path, &good).unwrap();
    assert_eq!(got(&cache, DIGEST).unwrap(), b"native code");
}

#[test]
fn an_entry_is_good_for_its_component_and_engine_alone() {
    let folder = folder();
    let cache = cache(folder.path());
    put(&cache, DIGEST, b"one");
    put(&cache, OTHER, b"two");
    // Two good entries change places.
    let aside = folder.path().join("aside");
    fs::rename(cache.path(DIGEST), &aside).unwrap();
    fs::rename(cache.path(OTHER), cache.path(DIGEST)).unwrap();
    fs::rename(&aside, cache.path(OTHER)).unwrap();
    assert_eq!((got(&cache, DIGEST), got(&cache, OTHER)), (None, None));
    // What fits another engine, under the name of this one's: the names differ after 4 bytes only.
    let mut foreign = [7; 32];
    foreign[31] = 8;
    let foreign = Cache::open(&config(folder.path(), 1 << 20), foreign).unwrap();
    put(&foreign, DIGEST, b"code of another engine");
    assert_eq!(foreign.path(DIGEST), cache.path(DIGEST));
    assert_eq!(got(&cache, DIGEST), None);
}

#[test]
fn an_entry_under_another_key_is_a_miss() {
    let (ours, theirs) = (folder(), folder());
    let (cache, foreign) = (cache(ours.path()), cache(theirs.path()));
    put(&foreign, DIGEST, b"code");
    fs::copy(foreign.path(DIGEST), cache.path(DIGEST)).unwrap();
    assert_eq!(got(&cache, DIGEST), None);
}

#[test]
fn an_entry_that_is_no_file_is_a_miss_and_blocks_nobody() {
    let folder = folder();
    let cache = cache(folder.path());
    put(&cache, OTHER, b"code");
    symlink(cache.path(OTHER), cache.path(DIGEST)).unwrap();
    assert_eq!(got(&cache, DIGEST), None);
    fs::remove_file(cache.path(DIGEST)).unwrap();
    let made = std::process::Command::new("mkfifo").arg(cache.path(DIGEST)).status().unwrap();
    assert!(made.success());
    assert_eq!(got(&cache, DIGEST), None);
    fs::remove_file(cache.path(DIGEST)).unwrap();
    fs::create_dir(cache.path(DIGEST)).unwrap();
    assert_eq!(got(&cache, DIGEST), None);
}

#[test]
fn a_directory_that_others_reach_is_not_used() {
    let folder = folder();
    for mode in [0o755, 0o770, 0o701, 0o702] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        let error = Cache::open(&config(folder.path(), 1), [0; 32]).err().unwrap();
        assert!(matches!(error, CacheError::Open(found) if found == mode), "{error}");
    }
    let link = folder.path().join("link");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    symlink(folder.path(), &link).unwrap();
    let error = Cache::open(&config(&link, 1), [0; 32]).err().unwrap();
    assert!(matches!(error, CacheError::NotADirectory), "{error}");
}

#[test]
fn what_is_made_is_for_our_user_alone() {
    let folder = folder();
    let directory = folder.path().join("a/b");
    put(&cache(&directory), DIGEST, b"code");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in fs::read_dir(&directory).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_key_that_others_may_know_is_replaced_and_its_entries_are_misses() {
    let folder = folder();
    put(&cache(folder.path()), DIGEST, b"code");
    let key = folder.path().join("key");
    let before = fs::read(&key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(got(&cache(folder.path()), DIGEST), None);
    assert_ne!(fs::read(&key).unwrap(), before);
    fs::write(&key, b"short").unwrap();
    put(&cache(folder.path()), DIGEST, b"code");
    assert_eq!(fs::read(&key).unwrap().len(), 64);
}

#[test]
fn processes_that_start_together_agree_on_one_key() {
    let folder = folder();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..16).map(|_| scope.spawn(|| cache(folder.path()).0.key)).collect();
        openers.into_iter().map(|opener| opener.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn what_was_used_least_recently_goes_first() {
    let folder = folder();
    let cache = Cache::open(&config(folder.path(), 3 * (1_000 + TAG as u64)), [7; 32]).unwrap();
    let digest = |number: u32| format!("{number:064}");
    for number in 0..3 {
        put(&cache, &digest(number), &[0; 1_000]);
        let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(number) + 1);
        File::open(cache.path(&digest(number))).unwrap().set_modified(old).unwrap();
    }
    assert!(cache.get(&digest(0)).is_some());
    put(&cache, &digest(3), &[0; 1_000]);
    let there: Vec<_> = (0..4).map(|number| cache.path(&digest(number)).exists()).collect();
    assert_eq!(there, [true, false, true, true]);
}

#[test]
fn what_a_killed_process_left_is_swept_when_nobody_can_be_writing_it() {
    let folder = folder();
    let cache = cache(folder.path());
    let (old, new) = (folder.path().join(".new-old"), folder.path().join(".new-new"));
    fs::write(&old, b"half").unwrap();
    fs::write(&new, b"half").unwrap();
    File::open(&old).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    put(&cache, DIGEST, b"code");
    assert!(!old.exists() && new.exists());
}

#[test]
fn a_directory_that_vanishes_costs_a_compilation_and_nothing_else() {
    let folder = folder();
    let cache = cache(&folder.path().join("cache"));
    fs::remove_dir_all(folder.path().join("cache")).unwrap();
    put(&cache, DIGEST, b"code");
    assert_eq!(got(&cache, DIGEST), None);
}

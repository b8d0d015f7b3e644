//! Files that are no plugins: each refused with what it seems to be, and what to do.

use std::{ffi::OsStr, fs, path::Path, process::Command};

use cofferdam_runtime::{
    PluginSpec, Runtime, RuntimeConfig,
    policy::{
        LoadLimits,
        units::{Count, Quantity as _},
    },
};
use cofferdam_tests::{
    Guest, TestHost,
    guest::{Good, wat},
    host::{names, text},
};
use serde_json::json;

use crate::refused::reason;

const BUILD: &str = "build it with `cofferdam build`, or for the target wasm32-wasip2";

#[tokio::test]
pub(crate) async fn a_bad_file_is_refused_and_stops_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    put("good.wasm", &Guest::from(Good::Echo).component());
    put("core.wasm", &wat::binary("(module)"));
    put("future.wasm", b"\0asm\x0e\0\x01\0");
    put("text.wasm", b"(component)");
    put("prose.wasm", b"Dear host, please run me.");
    put("empty.wasm", b"");
    put("byte.wasm", b"\0");
    put("elf.wasm", b"\x7fELF\x02\x01\x01\0\0\0\0\0");
    put("windows.wasm", b"MZ\x90\0\x03\0\0\0");
    put("gzip.wasm", b"\x1f\x8b\x08\0\0\0\0\0");
    put("Upper.wasm", &wat::component(""));
    put("under_score.wasm", &wat::component(""));
    put("-dash.wasm", &wat::component(""));
    put("two.dots.wasm", &wat::component(""));
    put("huge.wasm", &vec![0; (32 << 20) + 1]);
    put("ignored.txt", b"not a plugin at all");
    put("ignored.wasm.part", b"half of one");
    fs::create_dir(folder.path().join("folder.wasm")).unwrap();
    fifo(&folder.path().join("pipe.wasm"));
    std::os::unix::fs::symlink("/nowhere/at/all.wasm", folder.path().join("dangling.wasm")).unwrap();

    let host = TestHost::with_places(4);
    let catalog = host.runtime.load_directory(folder.path(), |_| Some(PluginSpec::default())).await.unwrap();

    assert_eq!(names(&catalog), ["good_echo"]);
    let refused: Vec<_> = catalog.refused().iter().map(|r| (stem(&r.file), r.error.to_string())).collect();
    let id = |found: &str| {
        format!(
            "plugin id {found:?} is not valid: expected 1 to 32 characters of a-z, 0-9 and -, not starting with -; rename the file"
        )
    };
    let not = |what: &str, remedy: &str| format!("not a WebAssembly component: {what}; {remedy}");
    let no_file =
        "not a regular file; put the component itself here, not a link, directory, pipe or device".to_owned();
    let expected = [
        ("-dash", id("-dash")),
        ("Upper", id("Upper")),
        ("byte", not("it ends within its header", "was it copied whole?")),
        ("core", not("it is a core module", BUILD)),
        ("dangling", "a link to nothing; put the component itself here".to_owned()),
        ("elf", not("it is native code", BUILD)),
        ("empty", not("the file is empty", "was it copied whole?")),
        ("folder", no_file.clone()),
        ("future", not("it is WebAssembly in an unknown version of the format", BUILD)),
        ("gzip", not("it is compressed (gzip)", "unpack it first")),
        (
            "huge",
            "the file has 33554433 bytes, more than `load.file` allows (32 MiB); raise it under [load] in cofferdam.toml if the plugin is meant to be this large".to_owned(),
        ),
        ("pipe", no_file),
        ("prose", not("its first bytes are something else", BUILD)),
        ("text", not("it is WebAssembly in text form", "translate it to binary first")),
        ("two.dots", id("two.dots")),
        ("under_score", id("under_score")),
        ("windows", not("its first bytes are something else", BUILD)),
    ];
    assert_eq!(refused, expected.map(|(file, error)| (file.to_owned(), error)));

    let result = host.result("good_echo", json!({ "text": "still here" })).await;
    assert_eq!(text(&result), "still here");
}

#[tokio::test]
async fn files_beyond_the_most_that_there_may_be_are_refused_by_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["d", "b", "c", "a"] {
        fs::write(folder.path().join(format!("{name}.wasm")), wat::component("")).unwrap();
    }
    let load = LoadLimits { plugins: Count::of(2), ..LoadLimits::default() };
    let runtime = Runtime::start(RuntimeConfig { concurrent_calls: 1, load, ..RuntimeConfig::default() });
    let host = TestHost { runtime: runtime.unwrap() };
    let load = || async {
        let catalog =
            host.runtime.load_directory(folder.path(), |_| Some(PluginSpec::default())).await.unwrap();
        let served: Vec<_> = catalog.plugins().iter().map(|plugin| plugin.id.to_string()).collect();
        let refused = catalog.refused().iter();
        (served, refused.map(|r| (stem(&r.file), r.error.to_string())).collect::<Vec<_>>())
    };
    let reason = "there are more plugin files than `load.plugins` allows (2), and this is not among the first of them by name; remove some, or raise it under [load] in cofferdam.toml";
    let refused = |name: &str| (name.to_owned(), reason.to_owned());
    assert_eq!(load().await, (vec!["a".to_owned(), "b".to_owned()], vec![refused("c"), refused("d")]));
    // What isn't a plugin by its name takes no place; what is one and can't be read does.
    fs::write(folder.path().join("a.txt"), "").unwrap();
    fs::write(folder.path().join("b.wasm"), "").unwrap();
    fs::remove_file(folder.path().join("a.wasm")).unwrap();
    let (served, others) = load().await;
    assert_eq!((served, &others[1..]), (vec!["c".to_owned()], &[refused("d")][..]));
    assert_eq!(others[0].0, "b");
}

fn stem(file: &Path) -> String {
    file.file_stem().and_then(OsStr::to_str).unwrap().to_owned()
}

/// A pipe that nobody writes to: opening it would wait for ever.
fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[tokio::test]
async fn a_component_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let whole = wat::component("");
    for cut in (1..whole.len()).step_by(61).chain([2, 4, 7, 8, 9, 10, whole.len() - 1]) {
        let reason = reason(whole[..cut].to_vec()).await;
        let told = reason.ends_with("was it copied whole?")
            // What ends between two sections is a component, only one with less in it.
            || reason.starts_with("the component exports no tools");
        assert!(told, "cut at {cut} of {}: {reason}", whole.len());
    }
}

#[tokio::test]
async fn a_component_with_a_changed_byte_is_refused_or_runs() {
    let whole = wat::component("");
    let host = TestHost::with_places(1);
    let mut refused = 0;
    for at in (0..whole.len()).step_by(23) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        // Whatever it is now, the host is there afterwards.
        refused += usize::from(host.load(cofferdam_tests::Setup::bytes("changed", changed)).await.is_err());
    }
    assert!(refused > whole.len() / 23 / 4, "{refused}");
    assert!(host.load(cofferdam_tests::Setup::bytes("whole", whole)).await.is_ok());
}

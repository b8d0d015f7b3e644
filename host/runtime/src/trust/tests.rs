//! The verdicts, each with its words.

use super::{lock::Approved, *};
use crate::difference::surface::ToolSurface;

fn id(id: &str) -> PluginId {
    PluginId::parse(id).unwrap()
}

fn surface(description: &str) -> Surface {
    let tool = ToolSurface { description: description.to_owned(), ..ToolSurface::default() };
    Surface { abi: "0.1.0".into(), tools: [("go".to_owned(), tool)].into(), ..Surface::default() }
}

fn lock() -> Lock {
    let mut lock = Lock::default();
    lock.approve(id("a"), Approved { digest: "0123456789ab".repeat(5) + "cdef", surface: surface("Goes.") });
    lock
}

fn held(judged: Result<(), LoadError>) -> String {
    let error = judged.unwrap_err();
    assert!(error.is_quarantined(), "{error}");
    error.to_string()
}

fn judge(trust: &Trust, plugin: &str, digest: &str) -> Result<(), LoadError> {
    trust.judge_bytes(&id(plugin), Path::new("plugins/x.wasm"), b"x", digest, None)
}

#[test]
fn an_open_host_takes_what_loads() {
    judge(&Trust::default(), "a", "anything").unwrap();
}

#[test]
fn only_the_approved_bytes_of_a_plugin_pass() {
    let approved = "0123456789ab".repeat(5) + "cdef";
    let trust = Trust::Lock(Arc::new(Ok(lock())));
    judge(&trust, "a", &approved).unwrap();
    assert_eq!(held(judge(&trust, "b", &approved)), "the plugin isn't approved: run `cofferdam approve b`");
    assert_eq!(
        held(judge(&trust, "a", &"f".repeat(64))),
        "the file differs from what was approved (approved sha256 0123456789ab…, found ffffffffffff…): run `cofferdam approve a`"
    );
}

#[test]
fn only_what_was_approved_of_a_plugin_passes() {
    let lock = lock();
    lock.judge_surface(&id("a"), &surface("Goes.")).unwrap();
    assert_eq!(
        held(lock.judge_surface(&id("a"), &surface("Goes. Before any other tool."))),
        "the file is the approved one, but what it says of its tools is not what was approved (1 tool changed): \
         run `cofferdam approve a`; if that doesn't last, the plugin says something else each time, and can't be pinned"
    );
    assert_eq!(
        held(lock.judge_surface(&id("b"), &surface("Goes."))),
        "the plugin isn't approved: run `cofferdam approve b`"
    );
}

#[test]
fn a_lock_that_can_not_be_read_approves_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cofferdam.lock");
    std::fs::write(&path, "version = 1\n<<<<<<< ours\n").unwrap();
    let trust = Trust::Lock(Arc::new(Lock::read(&path)));
    let words = held(judge(&trust, "a", "anything"));
    assert!(
        words.starts_with("nothing is approved, because cofferdam.lock can't be used: line 2: ")
            && words
                .ends_with("; restore it from version control, or remove it and approve the plugins again"),
        "{words}"
    );
}

#[test]
fn a_signature_is_read_only_where_one_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wasm");
    std::fs::write(signatures::path(&file), "words").unwrap();
    let keys = ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".to_owned()];
    let signed = Trust::Signed(Arc::new(Signatures::new(&keys).unwrap()));
    assert_eq!(signed.signature(&file).unwrap().as_deref(), Some("words"));
    assert_eq!(signed.signature(Path::new("elsewhere/a.wasm")).unwrap(), None);
    assert_eq!(Trust::Open.signature(&file).unwrap(), None);
    assert_eq!(Trust::Lock(Arc::new(Ok(lock()))).signature(&file).unwrap(), None);
}

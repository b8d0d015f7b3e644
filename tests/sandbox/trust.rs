//! Who may come into service: what a real plugin shows, held against a lock, and its bytes against a signature.

use std::{path::Path, sync::Arc};

use cofferdam_runtime::{
    Difference, LoadError, Plugin, Surface, Trust, load,
    policy::PluginId,
    trust::{Lock, Signatures, lock::Approved},
};
use cofferdam_tests::{
    Guest, Setup, Signer, TestHost,
    guest::{
        Good,
        described::{Described, component},
    },
};

async fn loaded(bytes: Vec<u8>) -> Plugin {
    TestHost::with_places(1).load(Setup::bytes("a", bytes)).await.unwrap()
}

fn id() -> PluginId {
    PluginId::parse("a").unwrap()
}

/// A tool with everything in its description that a test's guest can say.
fn said() -> Described {
    Described {
        title: Some("Go".into()),
        description: "Goes.".into(),
        input_schema: r#"{"type":"object","properties":{"a":{},"b":{}}}"#.into(),
        output_schema: Some(r#"{"type":"object"}"#.into()),
        icon: Some("https://a.example/i.png".into()),
        meta: Some(r#"{"k":1}"#.into()),
        ..Described::named("go")
    }
}

/// A lock with this plugin, as it is read from its file.
fn lock(plugin: &Plugin) -> Trust {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cofferdam.lock");
    let approved = Approved { digest: plugin.digest.clone(), surface: Surface::of(plugin) };
    Lock::update(&path, |lock| lock.approve(id(), approved)).unwrap();
    Trust::Lock(Arc::new(Lock::read(&path)))
}

fn held(judged: Result<(), LoadError>) -> String {
    let error = judged.unwrap_err();
    assert!(error.is_quarantined(), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_plugin_that_was_approved_passes_and_any_other_is_held_back() {
    let bytes = Guest::from(Good::Echo).component();
    let plugin = loaded(bytes.clone()).await;
    let trust = lock(&plugin);
    let judge =
        |bytes: &[u8]| trust.judge_bytes(&id(), Path::new("a.wasm"), bytes, &load::digest(bytes), None);
    judge(&bytes).unwrap();
    trust.judge_surface(&id(), &plugin).unwrap();

    // One custom section more: other bytes, and the same plugin in every way that shows.
    let other = [bytes.as_slice(), &[0, 2, 1, b'x']].concat();
    let words = held(judge(&other));
    assert!(words.starts_with("the file differs from what was approved (approved sha256 "), "{words}");
    let other = loaded(other).await;
    assert!(Difference::between(&Surface::of(&plugin), &Surface::of(&other)).is_empty());
    trust.judge_surface(&id(), &other).unwrap();
}

#[tokio::test]
async fn every_change_of_what_a_plugin_says_holds_it_back() {
    let plugin = loaded(component(&[said()])).await;
    let trust = lock(&plugin);
    trust.judge_surface(&id(), &plugin).unwrap();
    type Edit = fn(&mut Described);
    let edits: [(&str, Edit); 8] = [
        ("1 tool added, 1 removed", |tool| tool.name = "went".into()),
        ("1 tool changed", |tool| tool.title = None),
        ("1 tool changed", |tool| tool.description.push('!')),
        ("1 tool changed", |tool| tool.input_schema = r#"{"type":"object"}"#.into()),
        ("1 tool changed", |tool| tool.output_schema = None),
        ("1 tool changed", |tool| tool.icon = None),
        ("1 tool changed", |tool| tool.meta = Some(r#"{"k":1.5}"#.into())),
        ("1 tool changed", |tool| tool.meta = None),
    ];
    for (summary, edit) in edits {
        let mut tool = said();
        edit(&mut tool);
        let other = loaded(component(&[tool])).await;
        let words = held(trust.judge_surface(&id(), &other));
        assert!(words.contains(&format!("({summary})")), "{summary}: {words}");
    }
}

#[tokio::test]
async fn the_order_of_tools_and_of_keys_changes_nothing() {
    let plugin = loaded(component(&[said(), Described::named("stay")])).await;
    let turned =
        Described { input_schema: r#"{"properties":{"b":{},"a":{}},"type":"object"}"#.into(), ..said() };
    let other = loaded(component(&[Described::named("stay"), turned])).await;
    assert_ne!(plugin.digest, other.digest);
    lock(&plugin).judge_surface(&id(), &other).unwrap();
}

#[test]
fn only_what_a_trusted_key_signed_under_its_own_name_passes() {
    let bytes = Guest::from(Good::Echo).component();
    let (ours, spare, theirs) = (Signer::new(1), Signer::new(2), Signer::new(3));
    let keys = [spare.public(), ours.public()];
    let trust = Trust::Signed(Arc::new(Signatures::new(&keys).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wasm");
    let judge = |bytes: &[u8], signature: Option<String>| {
        let beside = folder.path().join("a.wasm.minisig");
        match signature {
            Some(text) => std::fs::write(&beside, text).unwrap(),
            None => drop(std::fs::remove_file(&beside)),
        }
        let text = trust.signature(&file)?;
        trust.judge_bytes(&id(), &file, bytes, &load::digest(bytes), text.as_deref())
    };
    let comment = "timestamp:1795190000\tfile:a.wasm\thashed";

    judge(&bytes, Some(ours.sign(&bytes, comment))).unwrap();
    judge(&bytes, Some(spare.sign(&bytes, "by hand"))).unwrap();

    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    let forged = ours.sign(&bytes, comment).replace("file:a.wasm", "file:b.wasm");
    let impostor = Signer::new(3).posing_as(&ours);
    for (bytes, signature, words) in [
        (&bytes, None, "the plugin isn't signed"),
        (&changed, Some(ours.sign(&bytes, comment)), "doesn't fit the file"),
        (&bytes, Some(forged), "doesn't fit the file"),
        (&bytes, Some(impostor.sign(&bytes, comment)), "doesn't fit the file"),
        (&bytes, Some(theirs.sign(&bytes, comment)), "is by the key 0303030303030303, which is none of"),
        (&bytes, Some(ours.sign(&bytes, "file:b.wasm")), "is the signature of a file called \"b.wasm\""),
        (&bytes, Some(String::new()), "is not a minisign signature"),
    ] {
        let found = held(judge(bytes, signature));
        assert!(found.contains(words), "{words}: {found}");
    }
}

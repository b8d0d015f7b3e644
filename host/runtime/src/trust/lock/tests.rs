//! What is written is what is read, and nothing else is.

use serde_json::{Value, json};

use super::*;
use crate::{
    content::JsonObject,
    difference::surface::{AnnotationSurface, IconSurface, TaskSurface, ToolSurface},
};

fn id(id: &str) -> PluginId {
    PluginId::parse(id).unwrap()
}

fn object(value: Value) -> JsonObject {
    let Value::Object(object) = value else { panic!("not an object: {value}") };
    object
}

fn approved(tools: &[(&str, ToolSurface)]) -> Approved {
    let surface = Surface {
        abi: "0.1.0".into(),
        imports: ["cofferdam:plugin/request@0.1.0".to_owned(), "wasi:io/streams@0.2.6".to_owned()].into(),
        tools: tools.iter().map(|(name, tool)| ((*name).to_owned(), tool.clone())).collect(),
    };
    Approved { digest: "0123456789abcdef".repeat(4), surface }
}

fn plain() -> ToolSurface {
    ToolSurface {
        description: "Say `text`.".into(),
        input_schema: object(json!({ "type": "object", "required": ["text"] })),
        ..ToolSurface::default()
    }
}

fn full() -> ToolSurface {
    ToolSurface {
        title: Some("Say".into()),
        description: "Say \"it\".\n\nTwice.\n".into(),
        annotations: AnnotationSurface {
            read_only_hint: Some(true),
            open_world_hint: Some(false),
            ..AnnotationSurface::default()
        },
        input_schema: object(json!({ "type": "object" })),
        output_schema: Some(object(json!({}))),
        icons: vec![
            IconSurface { src: "https://a.example/1.png".into(), ..IconSurface::default() },
            IconSurface {
                src: "data:,".into(),
                mime_type: Some("image/png".into()),
                sizes: vec!["48x48".into(), "any".into()],
                theme: Some("dark".into()),
            },
        ],
        meta: Some(object(json!({ "k": null, "n": 0.1 }))),
        task: Some(TaskSurface::Required),
        required_scopes: ["read".to_owned(), "write".to_owned()].into(),
        cache_ms: Some(u64::MAX),
        wants: ["http".to_owned()].into(),
    }
}

fn lock_of(plugins: &[(&str, Approved)]) -> Lock {
    let mut lock = Lock::default();
    for (name, approved) in plugins {
        lock.approve(id(name), approved.clone());
    }
    lock
}

fn read_again(lock: &Lock) -> Lock {
    let text = text::text(lock);
    read::lock(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

#[test]
fn the_file_reads_well_in_version_control() {
    let lock = lock_of(&[("say", approved(&[("plain", plain()), ("full", full())]))]);
    let shown = text::text(&lock);
    let seal = seal(&id("say"), lock.get(&id("say")).unwrap());
    assert_eq!(
        shown,
        format!(
            r#"# What was approved of each plugin: its file, what it asks the host for, and what it says of its tools.
# With `trust = "lock"` under [plugins] in cofferdam.toml, nothing else comes into service.
# Written by `cofferdam approve`. Keep it under version control, and don't edit it by hand.
version = 1

[plugins.say]
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
seal = "{seal}"
abi = "0.1.0"
imports = [
    "cofferdam:plugin/request@0.1.0",
    "wasi:io/streams@0.2.6",
]

[plugins.say.tools.full]
title = "Say"
description = '''
Say "it".

Twice.
'''
annotations = {{ readOnlyHint = true, openWorldHint = false }}
task = "required"
required_scopes = [
    "read",
    "write",
]
cache_ms = 18446744073709551615
wants = [
    "http",
]
icons = [
    {{ src = "https://a.example/1.png" }},
    {{ src = "data:,", mimeType = "image/png", sizes = ["48x48", "any"], theme = "dark" }},
]
input_schema = '''
{{
  "type": "object"
}}'''
output_schema = "{{}}"
meta = '''
{{
  "k": null,
  "n": 0.1
}}'''

[plugins.say.tools.plain]
description = "Say `text`."
input_schema = '''
{{
  "required": [
    "text"
  ],
  "type": "object"
}}'''
"#
        )
    );
    assert_eq!(read_again(&lock), lock);
}

#[test]
fn the_order_in_which_plugins_are_approved_leaves_no_trace() {
    let (a, b) = (approved(&[("x", plain())]), approved(&[]));
    let one = lock_of(&[("a", a.clone()), ("b", b.clone())]);
    let other = lock_of(&[("b", b), ("a", a)]);
    assert_eq!(text::text(&one), text::text(&other));
    assert_eq!(text::text(&Lock::default()).lines().last(), Some("version = 1"));
    assert_eq!(read_again(&Lock::default()), Lock::default());
}

#[test]
fn whatever_a_plugin_says_is_read_as_it_was_written() {
    let texts = [
        "",
        "\n",
        "\n\n",
        "a\n",
        "\na",
        "a\r\nb",
        "\ta\tb",
        "'''",
        "a\n'''b",
        "a\n''",
        "a\n'",
        "\"\"\"\n\\\"",
        "\\u0041\n\\",
        "[plugins.evil]\nsha256 = \"0\"",
        "\u{0}\u{1}\u{7f}\u{9b}\n\u{1b}[2J",
        "\u{202e}\u{200b}\u{feff}\n\u{e0041}",
        "漢字 🚰\n\u{10ffff}",
        "#\n# no comment",
    ];
    let numbers = [
        json!(0.1 + 0.2),
        json!(5e-324),
        json!(1.797_693_134_862_315_7e308),
        json!(u64::MAX),
        json!(i64::MIN),
    ];
    for said in texts {
        let tool = ToolSurface {
            title: Some(said.into()),
            description: said.into(),
            input_schema: object(json!({ said: said, "n": numbers, "deep": [[{ said: null }]] })),
            icons: vec![IconSurface { src: said.into(), theme: Some(said.into()), ..IconSurface::default() }],
            wants: [said.to_owned()].into(),
            ..ToolSurface::default()
        };
        let lock = lock_of(&[("a", approved(&[("t", tool)])), ("b", approved(&[]))]);
        assert_eq!(read_again(&lock), lock, "{said:?}");
        let hidden = text::text(&lock)
            .lines()
            .find(|line| cofferdam_capabilities::sanitize::has_hidden(line))
            .map(str::to_owned);
        assert_eq!(hidden, None, "{said:?}");
    }
}

#[test]
fn a_lock_that_was_written_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cofferdam.lock");
    assert_eq!(Lock::read(&path).unwrap(), Lock::default());
    let lock = lock_of(&[("a", approved(&[("x", full())]))]);
    lock.write(&path).unwrap();
    assert_eq!(Lock::read(&path).unwrap(), lock);
}

#[test]
fn two_who_approve_at_once_both_have_their_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cofferdam.lock");
    let names: Vec<_> = (0..8).map(|n| format!("p{n}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let path = &path;
            scope.spawn(move || Lock::update(path, |lock| lock.approve(id(name), approved(&[]))).unwrap());
        }
    });
    let lock = Lock::read(&path).unwrap();
    assert_eq!(lock.ids().map(PluginId::as_str).collect::<Vec<_>>(), names);
    Lock::update(&path, |lock| lock.forget(&id("p0"))).unwrap();
    assert_eq!(Lock::read(&path).unwrap().ids().count(), 7);
}

fn malformed(text: &str) -> (usize, String) {
    match read::lock(text) {
        Err(LockError::Malformed { line, problem }) => (line, problem),
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn a_lock_of_another_version_is_told_apart() {
    let error = read::lock("# a\nversion = 2\nfuture = true\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: version 2 is not known here, expected 1; use the host that wrote it, or a newer one"
    );
    for text in ["", "[plugins]\n"] {
        assert_eq!(malformed(text), (1, "expected `version = 1`, and there is none".to_owned()));
    }
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    let good = text::text(&lock_of(&[("say", approved(&[("plain", plain())]))]));
    for (old, new, line, words) in [
        ("version = 1", "version = \"1\"", 4, "invalid type: string"),
        ("[plugins.say]", "[plugins.say", 6, "unclosed table"),
        ("plugins.say", "plugins.Say", 6, "plugin id \"Say\" is not valid"),
        ("[plugins.say]", "[plugin.say]", 6, "unknown field `plugin`"),
        ("abi = \"0.1.0\"", "abi = \"0.1.0\"\nextra = 1", 10, "unknown field `extra`"),
        ("sha256 = \"0", "sha256 = \"O", 7, "`sha256` is not a digest"),
        (".tools.plain]", ".tools.\"pl ain\"]", 15, "tool name \"pl ain\" is not valid"),
        ("\"type\": \"object\"", "\"type\": \"object", 17, "`input_schema` is not a JSON object"),
        ("description = ", "# ", 15, "missing field `description`"),
        ("version = 1\n", "version = 1\n<<<<<<< HEAD\n", 5, ""),
    ] {
        let text = good.replace(old, new);
        assert_ne!(text, good, "{old}");
        let (found, problem) = malformed(&text);
        assert!(found == line && problem.contains(words), "{new}: line {found}: {problem}\n{text}");
    }
}

#[test]
fn an_entry_that_was_edited_is_an_error() {
    let lock = lock_of(&[("say", approved(&[("full", full())])), ("two", approved(&[]))]);
    let good = text::text(&lock);
    for (old, new) in [
        ("sha256 = \"0", "sha256 = \"f"),
        ("Twice.", "Thrice."),
        ("abi = \"0.1.0\"", "abi = \"0.1.1\""),
        ("    \"wasi:io/streams@0.2.6\",\n", ""),
        ("readOnlyHint = true", "readOnlyHint = false"),
        ("tools.full", "tools.fuller"),
        ("[plugins.say", "[plugins.sai"),
        ("\"k\": null", "\"k\": true"),
    ] {
        let (line, problem) = malformed(&good.replace(old, new));
        assert_eq!(line, 8, "{old}");
        assert!(problem.contains("is not as it was approved: it was edited or merged by hand"), "{problem}");
    }
}

#[test]
fn no_changed_byte_of_a_lock_approves_of_anything_else() {
    let lock = lock_of(&[("say", approved(&[("full", full()), ("plain", plain())]))]);
    let good = text::text(&lock);
    for at in 0..good.len() {
        for to in [b'0', b'"', b'\n', b'#', b'\''] {
            let mut changed = good.clone().into_bytes();
            changed[at] = to;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            if let Ok(read) = read::lock(&changed) {
                // A comment, or white space.
                assert_eq!(read, lock, "{at}: {changed}");
            }
        }
    }
    for end in 0..good.len() {
        if let Ok(read) = read::lock(&good[..end]) {
            assert!(read == lock || read == Lock::default(), "{end}");
        }
    }
}

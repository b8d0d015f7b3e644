//! Every part of a surface counts, and its order doesn't.

use serde_json::{Value, json};

use super::{
    surface::{AnnotationSurface, IconSurface, TaskSurface, ToolSurface},
    *,
};

fn object(value: Value) -> crate::content::JsonObject {
    let Value::Object(object) = value else { panic!("not an object: {value}") };
    object
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A tool that says everything that a tool can say.
fn tool() -> ToolSurface {
    ToolSurface {
        title: Some("Go".into()),
        description: "Goes.".into(),
        annotations: AnnotationSurface {
            read_only_hint: Some(true),
            destructive_hint: Some(false),
            idempotent_hint: Some(true),
            open_world_hint: Some(false),
        },
        input_schema: object(
            json!({ "type": "object", "properties": { "to": { "description": "Where." } } }),
        ),
        output_schema: Some(object(json!({ "type": "string" }))),
        icons: vec![IconSurface {
            src: "https://a.example/i.png".into(),
            mime_type: Some("image/png".into()),
            sizes: vec!["48x48".into()],
            theme: Some("dark".into()),
        }],
        meta: Some(object(json!({ "k": 1 }))),
        task: Some(TaskSurface::Optional),
        required_scopes: names(&["read"]),
        cache_ms: Some(1_000),
        wants: names(&["http"]),
    }
}

fn surface(tools: &[(&str, ToolSurface)]) -> Surface {
    Surface {
        abi: "0.1.0".into(),
        imports: names(&["cofferdam:plugin/request@0.1.0"]),
        tools: tools.iter().map(|(name, tool)| ((*name).to_owned(), tool.clone())).collect(),
    }
}

fn changed(edit: impl FnOnce(&mut ToolSurface)) -> Difference {
    let mut after = tool();
    edit(&mut after);
    Difference::between(&surface(&[("go", tool())]), &surface(&[("go", after)]))
}

type Edit = fn(&mut ToolSurface);

#[test]
fn every_part_of_a_tool_that_changes_is_a_difference_at_its_place() {
    let edits: [(&str, Edit); 22] = [
        ("/title", |tool| tool.title = None),
        ("/title", |tool| tool.title = Some("Went".into())),
        ("/description", |tool| tool.description.push(' ')),
        ("/annotations/readOnlyHint", |tool| tool.annotations.read_only_hint = Some(false)),
        ("/annotations/destructiveHint", |tool| tool.annotations.destructive_hint = None),
        ("/annotations/idempotentHint", |tool| tool.annotations.idempotent_hint = Some(false)),
        ("/annotations/openWorldHint", |tool| tool.annotations.open_world_hint = Some(true)),
        ("/annotations", |tool| tool.annotations = AnnotationSurface::default()),
        ("/inputSchema/properties/to/description", |tool| {
            tool.input_schema["properties"]["to"]["description"] = "Where!".into();
        }),
        ("/inputSchema/required", |tool| {
            tool.input_schema.insert("required".into(), json!(["to"]));
        }),
        ("/outputSchema", |tool| tool.output_schema = None),
        ("/outputSchema/type", |tool| tool.output_schema = Some(object(json!({ "type": "array" })))),
        ("/icons/0/src", |tool| tool.icons[0].src.push('?')),
        ("/icons/0/mimeType", |tool| tool.icons[0].mime_type = None),
        ("/icons/0/sizes", |tool| tool.icons[0].sizes.push("96x96".into())),
        ("/icons/0/theme", |tool| tool.icons[0].theme = Some("light".into())),
        ("/icons", |tool| tool.icons.clear()),
        ("/meta/k", |tool| tool.meta = Some(object(json!({ "k": 2 })))),
        ("/task", |tool| tool.task = Some(TaskSurface::Required)),
        ("/requiredScopes", |tool| tool.required_scopes = names(&["read", "write"])),
        ("/cacheMs", |tool| tool.cache_ms = Some(1_001)),
        ("/wants", |tool| tool.wants = names(&["sql"])),
    ];
    for (at, edit) in edits {
        let difference = changed(edit);
        let places: Vec<_> =
            difference.tools.changed.iter().flat_map(|tool| &tool.changes).map(|change| &change.at).collect();
        assert_eq!(places, [at]);
        assert!(!difference.is_empty());
        assert_eq!(difference.summary(), "1 tool changed");
    }
}

#[test]
fn a_renamed_tool_is_one_that_went_and_one_that_came() {
    let difference = Difference::between(&surface(&[("go", tool())]), &surface(&[("went", tool())]));
    assert_eq!(difference.tools.removed, ["go"]);
    assert_eq!(difference.tools.added[0].name, "went");
    assert_eq!(difference.summary(), "1 tool added, 1 removed");
}

#[test]
fn order_is_no_difference() {
    let read = |text: &str| serde_json::from_str::<Surface>(text).unwrap();
    let one = read(
        r##"{"abi":"0.1.0","imports":["a","b"],"tools":{
            "x":{"description":"X.","inputSchema":{"type":"object","properties":{"p":{},"q":{"$ref":"#"}}},"wants":["u","v"]},
            "y":{"description":"Y.","inputSchema":{"type":"object"}}}}"##,
    );
    let other = read(
        r##"{"tools":{"y":{"inputSchema":{"type":"object"},"description":"Y."},
            "x":{"wants":["v","u"],"inputSchema":{"properties":{"q":{"$ref":"#"},"p":{}},"type":"object"},"description":"X."}},
            "imports":["b","a"],"abi":"0.1.0"}"##,
    );
    let difference = Difference::between(&one, &other);
    assert_eq!(difference, Difference::default());
    assert!(difference.is_empty());
    assert_eq!((difference.summary(), difference.to_string()), ("no difference".to_owned(), String::new()));
}

#[test]
fn what_is_wanted_of_the_host_is_in_the_summary() {
    let after = Surface {
        abi: "0.1.1".into(),
        imports: names(&[
            "cofferdam:plugin/config@0.1.1",
            "cofferdam:plugin/request@0.1.1",
            "wasi:io/poll@0.2.6",
            "wasi:io/streams@0.2.6",
        ]),
        ..surface(&[])
    };
    let difference = Difference::between(&surface(&[]), &after);
    assert_eq!(
        difference.summary(),
        "wants config and wasi:io, wants another version of request, ABI 0.1.0 to 0.1.1"
    );
    assert_eq!(
        Difference::between(&after, &surface(&[])).summary(),
        "no longer wants config and wasi:io, wants another version of request, ABI 0.1.1 to 0.1.0"
    );
}

#[test]
fn the_summary_counts() {
    let tools = |names: &[&'static str]| surface(&names.iter().map(|n| (*n, tool())).collect::<Vec<_>>());
    let mut after = tools(&["b", "c", "new"]);
    for name in ["b", "c"] {
        after.tools.get_mut(name).unwrap().description = "Other.".into();
    }
    let difference = Difference::between(&tools(&["a", "b", "c"]), &after);
    assert_eq!(difference.summary(), "1 tool added, 2 changed, 1 removed");
    assert_eq!(Difference::between(&tools(&["a", "b"]), &tools(&[])).summary(), "2 tools removed");
}

#[test]
fn a_difference_is_shown_for_a_terminal() {
    let mut after = tool();
    after.description = "Goes.\nAlways.".into();
    after.title = None;
    after.input_schema["properties"]["to"]["default"] = json!("1");
    after.cache_ms = Some(5);
    let mut before = surface(&[("go", tool()), ("old", tool())]);
    before.imports = names(&["cofferdam:plugin/config@0.1.0", "cofferdam:plugin/request@0.1.0"]);
    let new = ToolSurface {
        description: "New.".into(),
        input_schema: object(json!({ "type": "object" })),
        ..ToolSurface::default()
    };
    let mut after = surface(&[("go", after), ("new", new)]);
    after.abi = "0.1.1".into();
    after.imports.extend(names(&["wasi:io/streams@0.2.6", "wasi:io/poll@0.2.6", "wasi:io/poll@0.2.3"]));
    assert_eq!(
        Difference::between(&before, &after).to_string(),
        "\
~ abi 0.1.0 to 0.1.1
+ import wasi:io/poll@0.2.3: streams and polling
+ import wasi:io/{poll,streams}@0.2.6: streams and polling
- import cofferdam:plugin/config@0.1.0: may read its own settings from cofferdam.toml
+ tool new
    + description: New.
    + inputSchema: {\"type\":\"object\"}
- tool old
~ tool go
    ~ description
        - Goes.
        + Goes.
        + Always.
    - title: Go
    ~ cacheMs
        - 1000
        + 5
    + inputSchema/properties/to/default: \"1\"
"
    );
}

#[test]
fn a_plugin_that_is_new_is_shown_whole() {
    let long = "x".repeat(1_000);
    let mut new = tool();
    new.input_schema["properties"]["to"]["description"] = long.as_str().into();
    let shown = Difference::in_full(&Surface::default(), &surface(&[("go", new.clone())])).to_string();
    for part in
        ["+ abi 0.1.0\n", "+ import cofferdam:plugin/request@0.1.0: may report", "+ tool go\n", &long[..]]
    {
        assert!(shown.contains(part), "{part} in:\n{shown}");
    }
    let bounded = Difference::between(&Surface::default(), &surface(&[("go", new)]));
    assert!(bounded.to_string().len() < 1_500, "{bounded}");
}

#[test]
fn no_word_of_a_plugin_passes_for_ours_or_is_obeyed() {
    let difference = changed(|tool| {
        tool.description = "Goes.\n~ tool harmless\r\n\u{1b}[2J\u{202e}- tool go".into();
        tool.input_schema.insert("a\n+ tool b\u{1b}".into(), json!("\u{9b}31m\u{200b}"));
    });
    assert_eq!(
        difference.to_string(),
        "\
~ tool go
    ~ description
        - Goes.
        + Goes.
        + ~ tool harmless
        + [2J- tool go
    + inputSchema/a + tool b: \"31m\"
"
    );
}

#[test]
fn what_is_left_out_is_counted() {
    let difference = changed(|tool| {
        let keys = (0..60).map(|n| (format!("{n:02}"), json!(n)));
        tool.input_schema.extend(keys);
    });
    assert_eq!((difference.tools.changed[0].changes.len(), difference.tools.changed[0].more), (50, 10));
    assert!(
        difference.to_string().ends_with("inputSchema/49: 49\n    and 10 more changes\n"),
        "{difference}"
    );
}

#[test]
fn a_change_that_a_terminal_can_not_show_is_told() {
    let difference = changed(|tool| tool.required_scopes = names(&["re\u{200b}ad"]));
    assert_eq!(
        difference.to_string(),
        "\
~ tool go
    ~ requiredScopes (in characters that are not shown)
        - [\"read\"]
        + [\"read\"]
"
    );
}

#[test]
fn programs_read_the_same_as_people() {
    let mut before = surface(&[("go", tool())]);
    before.abi = "0.0.9".into();
    let mut after = tool();
    after.description = "Runs.".into();
    let difference = Difference::between(&before, &surface(&[("go", after)]));
    assert_eq!(
        serde_json::to_value(&difference).unwrap(),
        json!({
            "abi": { "from": "0.0.9", "to": "0.1.0" },
            "imports": { "added": [], "removed": [] },
            "tools": {
                "added": [],
                "removed": [],
                "changed": [{
                    "name": "go",
                    "changes": [{ "at": "/description", "from": "Goes.", "to": "Runs." }],
                    "more": 0,
                }],
            },
        })
    );
}

//! Tools as authors write them, run by the mock host.

use std::time::Duration;

use cofferdam_sdk::mock::{Host, Log, Progress};
use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Client, Content, Principal, Resource, ResourceBody, ResourceLink, Role, Tool, ToolInfo};

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
    b: i64,
}

/// Add two
/// numbers.
///
/// # Errors
///
/// Never.
#[tool(read_only, idempotent, open_world = false, title = "Sum")]
fn add(x: Add) -> Result<i64> {
    Ok(x.a + x.b)
}

#[derive(Deserialize, JsonSchema)]
struct Countdown {
    from: u8,
}

/// Count down.
#[tool(name = "count-down")]
fn countdown(x: Countdown, call: Call) -> Result<Text> {
    for done in 0..x.from {
        call.progress_with(done, x.from, format!("{} to go", x.from - done))?;
    }
    call.notice("lift-off");
    call.log(Level::Critical, Some("engine"), json!({"heat": 9}));
    Ok(Text("done".into()))
}

/// Who calls.
#[tool]
fn who(_: NoArgs, call: Call) -> String {
    let client = call.client().map(|client| client.name).unwrap_or_default();
    let principal = call.principal().map(|principal| principal.subject).unwrap_or_default();
    format!("{} {client} {principal} {} {:?}", call.id(), call.meta().len(), call.remaining())
}

/// A setting.
#[tool]
fn setting(_: NoArgs, config: Config) -> Result<u8> {
    config.require("limit")
}

/// Many kinds of content.
#[tool]
fn report() -> Reply {
    Reply::new()
        .text("summary")
        .image([1, 2], "image/png")
        .audio([3], "audio/wav")
        .with(ResourceLink::new("file:///a", "a").mime_type("text/plain").description("A"))
        .with(Resource::text("file:///b", "b"))
        .with(
            Content::text("for people")
                .audience([Role::User])
                .priority(0.5)
                .last_modified("2026-01-01T00:00:00Z"),
        )
        .structured(json!([1, 2]))
        .meta("example.org/pages", 3)
        .error()
}

/// Nothing at all.
#[tool]
fn nothing() {}

plugin!(add, countdown, who, setting, report, nothing);

#[test]
fn a_call_gives_the_value_that_the_function_returns() {
    let host = Host::new();
    assert_eq!(host.call::<add>(json!({"a": 1, "b": 2})), Ok(3));
    assert_eq!(add(Add { a: 1, b: 2 }), Ok(3));
}

#[test]
fn a_reply_has_the_value_as_text_and_as_structure() {
    let reply = Host::new().reply::<add>(json!({"a": 1, "b": 2})).unwrap();
    assert_eq!(reply.all_text(), "3");
    assert_eq!(reply.structured_value(), Some(json!({"result": 3})));
    assert!(!reply.is_error());
    let reply = Host::new().reply::<nothing>(json!({})).unwrap();
    assert_eq!((reply.content(), reply.structured_value()), ([].as_slice(), None));
}

#[test]
fn wrong_arguments_are_told_as_in_a_component() {
    let host = Host::new();
    let error = ToolError::invalid(r#"`b`: invalid type: string "2", expected i64"#);
    assert_eq!(host.call::<add>(json!({"a": 1, "b": "2"})), Err(error.clone()));
    assert_eq!(host.reply::<add>(json!({"a": 1, "b": "2"})), Err(error));
    assert_eq!(
        host.call::<nothing>(json!({"a": 1})),
        Err(ToolError::invalid("`a`: unknown argument, this tool takes none"))
    );
}

#[test]
fn a_definition_says_what_the_attribute_and_the_types_say() {
    let definition = Host::new().definition::<add>().unwrap();
    let hints = cofferdam_sdk::Hints {
        read_only: Some(true),
        destructive: None,
        idempotent: Some(true),
        open_world: Some(false),
    };
    assert_eq!(add::INFO, ToolInfo::new("add", "Add two\nnumbers.").with_title("Sum").with_hints(hints));
    assert_eq!((definition.name.as_str(), definition.title.as_deref()), ("add", Some("Sum")));
    assert_eq!((definition.description.as_str(), definition.hints), ("Add two numbers.", hints));
    assert_eq!(definition.input_schema["required"], json!(["a", "b"]));
    assert_eq!(definition.output_schema.unwrap()["required"], json!(["result"]));
    assert_eq!(countdown::INFO.name, "count-down");
    assert_eq!(Host::new().definition::<countdown>().unwrap().output_schema, None);
}

#[test]
fn a_tool_that_clients_cannot_take_fails_natively_too() {
    /// Sum of a list.
    #[tool]
    fn sum(list: Vec<i64>) -> i64 {
        list.iter().sum()
    }
    assert_eq!(
        Host::new().call::<sum>(json!([1, 2])),
        Err(ToolError::failed(
            r#"tool `sum`: the arguments must be an object, but their type is described by {"items":{"type":"integer"},"type":"array"}: make a struct of them with a field per argument"#
        ))
    );
}

#[test]
fn progress_and_logs_are_kept() {
    let host = Host::new();
    assert_eq!(host.call::<countdown>(json!({"from": 2})), Ok(Text("done".into())));
    let progress = |done, message: &str| Progress { done, total: Some(2.0), message: Some(message.into()) };
    assert_eq!(host.progress(), [progress(0.0, "2 to go"), progress(1.0, "1 to go")]);
    assert_eq!(
        host.logs(),
        [
            Log { level: Level::Notice, logger: None, value: json!("lift-off") },
            Log { level: Level::Critical, logger: Some("engine".into()), value: json!({"heat": 9}) },
        ]
    );
}

#[test]
fn progress_ends_the_work_once_the_client_has_cancelled() {
    let host = Host::new();
    host.cancel();
    assert_eq!(host.call::<countdown>(json!({"from": 2})), Err(ToolError::Cancelled));
    assert_eq!(host.progress(), []);

    let host = Host::new().cancel_after(3);
    assert_eq!(host.call::<countdown>(json!({"from": 9})), Err(ToolError::Cancelled));
    assert_eq!(host.progress().len(), 3);
}

#[test]
fn every_kind_of_number_counts_progress() {
    let host = Host::new();
    let call: Call = host.handle();
    call.progress(1_usize, 2_u64).unwrap();
    call.progress(1.5, None::<f32>).unwrap();
    call.progress(-1_i8, Some(3)).unwrap();
    let counted: Vec<_> =
        host.progress().into_iter().map(|progress| (progress.done, progress.total)).collect();
    assert_eq!(counted, [(1.0, Some(2.0)), (1.5, None), (-1.0, Some(3.0))]);
}

#[test]
fn a_call_knows_what_the_host_was_told() {
    let host = Host::new();
    assert_eq!(host.call::<who>(json!({})).unwrap(), "mock-call   0 30s");
    let host = host
        .id("c-1")
        .client(Client { name: "inspector".into(), ..Client::default() })
        .principal(Principal { subject: "ada".into(), ..Principal::default() })
        .meta("traceparent", "00-1")
        .remaining(Duration::from_millis(1500));
    assert_eq!(host.call::<who>(json!({})).unwrap(), "c-1 inspector ada 1 1.5s");
}

#[test]
fn a_missing_or_wrong_setting_is_told_with_its_place() {
    assert_eq!(
        Host::new().call::<setting>(json!({})),
        Err(ToolError::failed(
            "this plugin needs the setting `limit`: the operator adds `limit = ...` under `[plugins.<id>.config]` in cofferdam.toml"
        ))
    );
    assert_eq!(
        Host::new().config("limit", 300).call::<setting>(json!({})),
        Err(ToolError::failed(
            "the setting `limit` of this plugin is wrong: invalid value: integer `300`, expected u8; the operator corrects it under `[plugins.<id>.config]` in cofferdam.toml"
        ))
    );
    assert_eq!(Host::new().config("limit", 30).call::<setting>(json!({})), Ok(30));
}

#[test]
fn a_reply_by_hand_has_all_that_was_put_in() {
    let reply = Host::new().reply::<report>(json!({})).unwrap();
    assert!(reply.is_error());
    assert_eq!(reply.structured_value(), Some(json!({"result": [1, 2]})));
    assert_eq!(reply.meta_values()["example.org/pages"], json!(3));
    assert_eq!(reply.all_text(), "summary\nfor people");
    let content = reply.content();
    assert_eq!(content[1].as_image().unwrap().data, [1, 2]);
    assert_eq!(content[2].as_audio().unwrap().mime_type, "audio/wav");
    assert_eq!(content[3].as_link().unwrap().uri, "file:///a");
    assert_eq!(content[4].as_resource().unwrap().body, ResourceBody::Text("b".into()));
    let annotations = content[5].annotations().unwrap();
    assert_eq!((annotations.audience.as_slice(), annotations.priority), ([Role::User].as_slice(), Some(0.5)));
}

//! A plugin without the SDK: the generated bindings of `wit/v0.1`, and nothing in between.
//!
//! It shows what a plugin is made of in any language: `list-tools` says what there is, `call-tool` runs it, and
//! all JSON crosses as text. The SDK writes most of this by itself, schemas and argument types included.

#![cfg(target_arch = "wasm32")]

mod bindings {
    #![allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "generated: the exports")]

    wit_bindgen::generate!({ path: "../../wit/v0.1", world: "tool-plugin" });

    export!(Plugin);
    use super::Plugin;
}

use bindings::{
    cofferdam::plugin::{
        config, request,
        types::{CallError, ContentBlock, TextBlock},
    },
    exports::cofferdam::plugin::tools::{Guest, Hints, Outcome, Resume, TaskSupport, Tool, ToolResult},
};
use serde_json::Value;

struct Plugin;

/// JSON Schema of the tools' arguments. The host refuses what doesn't match before it calls the plugin.
const ECHO: &str = r#"{
    "type": "object",
    "properties": { "text": { "type": "string", "description": "What to say", "maxLength": 10000 } },
    "required": ["text"],
    "additionalProperties": false
}"#;
const GREET: &str = r#"{ "type": "object", "additionalProperties": false }"#;

impl Guest for Plugin {
    fn list_tools() -> Result<Vec<Tool>, String> {
        Ok(vec![
            tool("echo", "Say the text again, unchanged.", ECHO),
            tool("greet", "Greet the program that calls, with the greeting of the operator's choice.", GREET),
        ])
    }

    fn call_tool(name: String, arguments: String, _: Option<Resume>) -> Result<Outcome, CallError> {
        match name.as_str() {
            "echo" => echo(&arguments),
            "greet" => Ok(text(greet())),
            _ => Err(CallError::NotFound(format!("this plugin has no tool `{name}`"))),
        }
    }
}

fn tool(name: &str, description: &str, input_schema: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        title: None,
        description: description.to_owned(),
        input_schema: input_schema.to_owned(),
        output_schema: None,
        hints: Hints {
            read_only: Some(true),
            destructive: None,
            idempotent: Some(true),
            open_world: Some(false),
        },
        icons: Vec::new(),
        meta: None,
        task: TaskSupport::Forbidden,
        required_scopes: Vec::new(),
        cache_ms: None,
        wants: Vec::new(),
    }
}

fn echo(arguments: &str) -> Result<Outcome, CallError> {
    let invalid = |message: &str| CallError::InvalidArguments(message.to_owned());
    let mut arguments: Value = serde_json::from_str(arguments).map_err(|e| invalid(&e.to_string()))?;
    match arguments.get_mut("text").map(Value::take) {
        Some(Value::String(said)) => Ok(text(said)),
        _ => Err(invalid("`text`: expected a string")),
    }
}

/// Asks the host: for the plugin's own settings, and for who calls.
fn greet() -> String {
    let setting = config::get("greeting").and_then(|json| serde_json::from_str(&json).ok());
    let greeting = setting.unwrap_or_else(|| "hello".to_owned());
    let name = request::client_info().map_or_else(|| "whoever you are".to_owned(), |client| client.name);
    format!("{greeting}, {name}")
}

fn text(text: String) -> Outcome {
    let block = ContentBlock::Text(TextBlock { text, annotations: None, meta: None });
    Outcome::Complete(ToolResult { content: vec![block], structured: None, is_error: false, meta: None })
}

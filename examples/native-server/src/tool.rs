//! The tool `text_count`: as a model sees it, and as a plain function of JSON.

use std::sync::Arc;

use cofferdam_sdk::{Arguments, IntoReply, JsonObject};
use rmcp::model::{Tool, ToolAnnotations};
use serde_json::Value;

use crate::count::{Args, Counts, count};

/// The name under which the host shows the plugin's tool.
pub const NAME: &str = "text_count";

/// The tool, with the schemas that the plugin gives it.
#[must_use]
pub fn description() -> Tool {
    let info = <count as cofferdam_sdk::Tool>::INFO;
    let mut tool = Tool::new(NAME, info.description, Arc::new(<Args as Arguments>::schema()));
    tool.title = info.title.map(str::to_owned);
    tool.output_schema = <Counts as IntoReply>::output_schema().map(Arc::new);
    let hints = info.hints;
    tool.annotations = Some(ToolAnnotations::from_raw(
        None,
        hints.read_only,
        hints.destructive,
        hints.idempotent,
        hints.open_world,
    ));
    tool
}

/// Runs the tool.
///
/// # Errors
/// What is wrong with the arguments.
pub fn run(arguments: JsonObject) -> Result<Value, String> {
    let arguments: Args = serde_json::from_value(Value::Object(arguments)).map_err(|e| e.to_string())?;
    let counts = count(arguments).map_err(|error| error.to_string())?;
    serde_json::to_value(counts).map_err(|error| error.to_string())
}

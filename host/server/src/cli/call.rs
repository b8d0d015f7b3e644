//! `cofferdam call`: one call of one tool, through the same path as a client's.
//!
//! What the tool answers goes to stdout; what it says while it runs, and what it used, to stderr.

mod answer;
mod arguments;
mod events;
pub(super) mod find;

use clap::Args;
use cofferdam_runtime::{
    CallReport, CallRequest, Usage,
    capabilities::{CallContext, LogLevel},
    content::Outcome,
    policy::{CallLimits, units::Quantity},
};
use serde_json::{Value, json};

use super::{Exit, Failure, out, plugin, sandbox};
use crate::{config::Config, mcp};

/// Shown by `--help`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    cofferdam call text diff old=@before.txt new=@after.txt\n  \
    cofferdam call plugins/text.wasm count --args '{\"text\": \"a b c\"}'\n  \
    git log | cofferdam call text count text=-\n\n\
    A value is read as its argument's schema says: text as it is, anything else as JSON.\n\
    key=@FILE reads a file, key=- reads stdin, key=@@x is the text @x. A key that is given again adds to a list.\n\
    What a terminal would obey is left out of the answer; --json prints it whole.";

/// What `call` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A component, or the id of a plugin in the plugins directory
    #[arg(value_name = "FILE.wasm|PLUGIN")]
    plugin: String,
    /// The tool's name, with or without what its plugin puts before it
    #[arg(value_name = "TOOL")]
    tool: Option<String>,
    /// The arguments, one by one
    #[arg(value_name = "KEY=VALUE", conflicts_with = "args")]
    values: Vec<String>,
    /// The arguments as one JSON object
    #[arg(long, value_name = "JSON")]
    args: Option<String>,
    /// Print JSON: the result as a client gets it, and the usage
    #[arg(long)]
    json: bool,
}

/// Calls, shows, and fails if the tool did.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let file = find::file(config, &arguments.plugin)?;
    let runtime = sandbox::start(config)?;
    let loaded = runtime.load_file(&file, |id| config.plugin_spec(id)).await;
    let loaded = loaded.map_err(|error| plugin::refused(&file, &error))?;
    let limits = loaded.limits.clone();
    let entry = find::tool(loaded, arguments.tool.as_deref())?;
    let given = arguments::read(&entry.tool, &arguments.values, arguments.args.as_deref())?;

    let (sender, shown) = events::show();
    let context = CallContext {
        id: "cli".to_owned(),
        events: Some(sender),
        wants_progress: true,
        log_level: Some(LogLevel::Debug),
        ..CallContext::default()
    };
    let request = CallRequest { arguments: given, context, ..CallRequest::default() };
    let report = runtime.call(entry, request).await;
    // The call has ended, so nothing more comes; what came is shown before the result.
    let _ = shown.await;
    answer(&report, &limits, arguments.json)
}

fn answer(report: &CallReport, limits: &CallLimits, as_json: bool) -> Result<(), Failure> {
    if as_json {
        out::json(
            &json!({ "result": mcp::wire(report.result.clone()), "usage": usage_json(&report.usage) }),
        )?;
    } else if let Ok(Outcome::Complete(result)) = &report.result {
        out::print(&answer::text(result))?;
    }
    // No guest code ran: then there is nothing to tell.
    if report.usage != Usage::default() {
        out::say(&usage(&report.usage, limits));
    }
    match &report.result {
        Ok(Outcome::Complete(result)) if !result.is_error => Ok(()),
        // Its own words are on stdout.
        Ok(Outcome::Complete(_)) => Err(Failure::new(Exit::Tool, "the tool says that it failed")),
        Ok(Outcome::InputRequired(_)) if as_json => Err(Failure::shown(Exit::Tool)),
        Ok(Outcome::InputRequired(asked)) => Err(Failure::new(Exit::Tool, answer::asked(asked))),
        Err(_) if as_json => Err(Failure::shown(Exit::Tool)),
        Err(error) => Err(Failure::new(Exit::Tool, answer::error(error))),
    }
}

fn milliseconds(usage: &Usage) -> f64 {
    usage.elapsed.as_secs_f64() * 1e3
}

fn usage(usage: &Usage, limits: &CallLimits) -> String {
    let share = usage.fuel as f64 / limits.fuel.value() as f64 * 100.0;
    format!(
        "fuel {} ({share:.1} % of limit), memory {}, {:.1} ms",
        plugin::thousands(usage.fuel),
        plugin::size(usage.memory),
        milliseconds(usage)
    )
}

fn usage_json(usage: &Usage) -> Value {
    let milliseconds = (milliseconds(usage) * 1e3).round() / 1e3;
    json!({ "fuel": usage.fuel, "memoryBytes": usage.memory, "milliseconds": milliseconds })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_a_call_used_is_shown_with_its_share() {
        let used = Usage { fuel: 12_345, memory: 1_200_000, elapsed: Duration::from_micros(420) };
        let limits = CallLimits::default();
        assert_eq!(usage(&used, &limits), "fuel 12_345 (0.0 % of limit), memory 1.1 MiB, 0.4 ms");
        assert_eq!(
            usage_json(&used),
            json!({ "fuel": 12_345, "memoryBytes": 1_200_000, "milliseconds": 0.42 })
        );
    }
}

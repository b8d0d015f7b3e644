//! `cofferdam inspect`: what a component is, whether the host would take it or not.
//!
//! A file that is refused is shown as far as it can be read, with the reason.

mod anatomy;

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;
use cofferdam_runtime::{
    LoadError, Plugin, Tool, capabilities::sanitize, content::JsonObject, load, schema::Schema,
};
use serde_json::{Value, json};

use self::anatomy::Anatomy;
use super::{Exit, Failure, out, plugin, sandbox};
use crate::config::Config;

/// What `inspect` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows the file; fails if the host would refuse it.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let file = &arguments.file;
    // What is shown of a file that is refused is read here; it must be readable in any case.
    let bytes = match load::read(file, &config.load) {
        Ok(bytes) => bytes,
        Err(error @ LoadError::Read(_)) => return Err(plugin::refused(file, &error)),
        Err(error) => return refuse(arguments, &error, None),
    };
    let runtime = sandbox::look(config)?;
    match runtime.load_file(file, |id| config.plugin_spec(id)).await {
        Ok(plugin) if arguments.json => out::json(&plugin::json(&plugin)),
        Ok(plugin) => out::print(&shown(&plugin)),
        Err(error) => refuse(arguments, &error, Some(Anatomy::of(&bytes))),
    }
}

fn refuse(arguments: &Arguments, error: &LoadError, anatomy: Option<Anatomy>) -> Result<(), Failure> {
    if arguments.json {
        let mut object = anatomy.map_or_else(|| json!({}), |anatomy| anatomy.json());
        if let Value::Object(object) = &mut object {
            object.insert("refused".to_owned(), plugin::reason(error).into());
        }
        out::json(&object)?;
        return Err(Failure::shown(Exit::Plugin));
    }
    if let Some(anatomy) = anatomy {
        out::print(&anatomy.shown())?;
    }
    Err(plugin::refused(&arguments.file, error))
}

fn shown(plugin: &Plugin) -> String {
    let mut text = format!(
        "plugin   {}\nabi      cofferdam:plugin@{}\nsize     {} ({} bytes)\ndigest   sha256:{}\n\nimports:\n",
        plugin.id,
        plugin.abi,
        plugin::size(plugin.size),
        plugin::thousands(plugin.size),
        plugin.digest,
    );
    text.push_str(&plugin::imports(plugin));
    text.push_str(&plugin::missing(plugin));
    let _ = writeln!(text, "\ntools: {}", plugin.tools.len());
    for tool in &plugin.tools {
        text.push_str(&tool_shown(tool));
    }
    text
}

fn tool_shown(tool: &Tool) -> String {
    let mut text = format!("\n{}", tool.public_name);
    if let Some(title) = &tool.title {
        let _ = write!(text, "  ({})", sanitize::line(title, 200));
    }
    text.push('\n');
    let mut part = |name: &str, body: &str| {
        if !name.is_empty() {
            let _ = writeln!(text, "  {name}");
        }
        let indent = if name.is_empty() { "  " } else { "    " };
        for line in sanitize::lines(body, 1 << 20).lines() {
            let _ = writeln!(text, "{indent}{line}");
        }
    };
    part("", &tool.description);
    part("", &hints(tool));
    part("", &wants(tool));
    let schema = |schema: &Schema| format!("{:#}", Value::Object(JsonObject::clone(schema.source())));
    part("arguments:", &schema(&tool.input));
    if let Some(output) = &tool.output {
        part("structured result:", &schema(output));
    }
    text
}

/// What the tool would like to be granted, in the words of `cofferdam grant`: its author's wish, which nobody has to follow.
fn wants(tool: &Tool) -> String {
    match tool.wants.as_slice() {
        [] => String::new(),
        wants => format!("would like: {}", wants.join(", ")),
    }
}

/// What the tool says of its behaviour. Nobody has checked it.
fn hints(tool: &Tool) -> String {
    let hints = &tool.hints;
    let said = [
        (hints.read_only, "changes nothing", "changes something"),
        (hints.destructive, "may destroy something", "destroys nothing"),
        (hints.idempotent, "twice is no more than once", "twice is more than once"),
        (hints.open_world, "reaches out", "reaches nothing outside"),
    ];
    let words: Vec<_> =
        said.iter().filter_map(|(hint, yes, no)| hint.map(|hint| if hint { *yes } else { *no })).collect();
    if words.is_empty() { String::new() } else { format!("says of itself: {}", words.join(", ")) }
}

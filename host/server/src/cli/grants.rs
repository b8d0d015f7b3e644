//! `cofferdam grants`: what the operator's file allows each plugin.

use clap::Args;
use cofferdam_policy::PluginId;
use serde_json::{Map, Value, json};

use super::{Failure, grant::id, out};
use crate::config::{Config, PluginEntry};

/// What `grants` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The plugins, by their ids; none: all that were granted something
    #[arg(value_name = "PLUGIN", value_parser = id)]
    ids: Vec<PluginId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Lists.
pub(super) fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let wanted = |id: &PluginId| arguments.ids.is_empty() || arguments.ids.contains(id);
    let entries: Vec<_> =
        config.plugins.iter().filter(|(id, entry)| wanted(id) && !lines(entry).is_empty()).collect();
    if arguments.json {
        let object = entries.iter().map(|(id, entry)| (id.to_string(), as_json(entry)));
        return out::json(&Value::Object(object.collect()));
    }
    if entries.is_empty() {
        return out::print("nothing is granted; a plugin has its private database and cache all the same");
    }
    out::print(&entries.iter().map(|(id, entry)| shown(id, entry)).collect::<Vec<_>>().join("\n"))
}

fn shown(id: &PluginId, entry: &PluginEntry) -> String {
    let lines = lines(entry).into_iter().map(|(kind, what)| format!("  {kind:<9} {what}\n"));
    format!("{id}\n{}", lines.collect::<String>())
}

/// Each grant, in the words of `cofferdam grant`.
fn lines(entry: &PluginEntry) -> Vec<(&'static str, String)> {
    let http = entry.http.shown().map(|(pattern, headers)| {
        let along = match headers.as_slice() {
            [] => String::new(),
            names => format!("  (with {})", names.join(", ")),
        };
        ("http", format!("{pattern}{along}"))
    });
    let private = entry.http.private().iter().map(|address| ("private", address.to_string()));
    let databases = entry.databases.labels().map(|(label, access)| ("database", format!("{label} {access}")));
    http.chain(private).chain(databases).collect()
}

fn as_json(entry: &PluginEntry) -> Value {
    let http = entry
        .http
        .shown()
        .map(|(pattern, headers)| json!({ "allow": pattern.to_string(), "headers": headers }));
    json!({
        "http": http.collect::<Vec<_>>(),
        "allowPrivate": entry.http.private(),
        "databases": entry.databases.labels().map(|(label, access)| (label.to_string(), access.as_str().into())).collect::<Map<_, _>>(),
    })
}

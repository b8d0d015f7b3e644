//! `cofferdam config`: the operator's file, shown and checked.

use clap::Subcommand;
use serde_json::{Map, json};

use super::{Failure, out};
use crate::config::{Config, Effective, Origin, schema_text};

/// What can be asked about the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows every value that holds, as a file that would say the same
    #[command(after_help = "Example:\n  cofferdam config show --origin")]
    Show(Show),
    /// Checks the file, the environment and the flags; says all mistakes
    #[command(after_help = "Example:\n  cofferdam config check --config cofferdam.toml")]
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints the JSON Schema of the file
    #[command(after_help = "Example:\n  cofferdam config schema > cofferdam.schema.json\n  \
                            and in the first line of cofferdam.toml, for editors:\n  \
                            #:schema ./cofferdam.schema.json")]
    Schema,
}

/// What `config show` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Say where each value comes from
    #[arg(long)]
    origin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Answers; the configuration is valid, or this would not be reached.
pub(super) fn run(config: &Config, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Show(show) if show.json => out::json(&as_json(&config.effective())),
        Command::Show(show) => out::print(&as_file(&config.effective(), show.origin)),
        Command::Check { json: true } => out::json(&json!({ "valid": true, "file": config.file })),
        Command::Check { json: false } => out::print(&match &config.file {
            Some(file) => format!("{} is valid", file.display()),
            None => "there is no cofferdam.toml, and the defaults hold".to_owned(),
        }),
        Command::Schema => schema(),
    }
}

/// Prints the schema, which needs no configuration.
pub(super) fn schema() -> Result<(), Failure> {
    out::print(&schema_text())
}

fn as_json(values: &[Effective]) -> serde_json::Value {
    let value = |effective: &Effective| {
        let origin = match &effective.origin {
            Origin::Default => json!({ "kind": "default" }),
            Origin::File { path, line } => json!({ "kind": "file", "path": path, "line": line }),
            Origin::Environment(name) => json!({ "kind": "environment", "name": name }),
            Origin::Flag(name) => json!({ "kind": "flag", "name": name }),
        };
        json!({ "value": effective.value, "origin": origin })
    };
    let entries = values.iter().map(|effective| (dotted(&effective.path), value(effective)));
    serde_json::Value::Object(entries.collect::<Map<_, _>>())
}

/// A file that means the same wherever it is read; with `origin`, each line says who gave its value.
fn as_file(values: &[Effective], origin: bool) -> String {
    let mut text = String::new();
    let mut table: &[String] = &[];
    for effective in values {
        let Some((key, parents)) = effective.path.split_last() else { continue };
        let is_table = effective.value.as_table().is_some_and(toml::Table::is_empty);
        let opened = if is_table { effective.path.as_slice() } else { parents };
        if opened != table {
            table = opened;
            text.push_str(&format!("\n[{}]\n", dotted(table)));
        }
        let comment = if origin { format!("  # {}", effective.origin) } else { String::new() };
        if !is_table {
            text.push_str(&format!("{} = {}{comment}\n", key_text(key), effective.value));
        }
    }
    text.trim_start().to_owned()
}

fn dotted(path: &[String]) -> String {
    path.iter().map(|key| key_text(key)).collect::<Vec<_>>().join(".")
}

/// A key as it is written: in quotes unless it is plain.
fn key_text(key: &str) -> String {
    let is_plain =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_plain { key.to_owned() } else { toml::Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effective(path: &str, value: toml::Value, origin: Origin) -> Effective {
        Effective { path: path.split('.').map(str::to_owned).collect(), value, origin }
    }

    fn values() -> Vec<Effective> {
        let file = |line| Origin::File { path: "cofferdam.toml".into(), line };
        vec![
            effective("plugins_dir", "/p".into(), Origin::Flag("--plugins".into())),
            effective(
                "server.http",
                "127.0.0.1:1".into(),
                Origin::Environment("COFFERDAM_SERVER__HTTP".into()),
            ),
            effective("server.usage_meta", true.into(), Origin::Default),
            effective("plugins.a.config.a key", 1.into(), file(7)),
            effective("plugins.b", toml::Table::new().into(), file(9)),
        ]
    }

    #[test]
    fn the_policy_is_shown_as_a_file_that_says_the_same() {
        let shown = as_file(&values(), false);
        assert_eq!(
            shown,
            "plugins_dir = \"/p\"\n\n[server]\nhttp = \"127.0.0.1:1\"\nusage_meta = true\n\n\
             [plugins.a.config]\n\"a key\" = 1\n\n[plugins.b]\n"
        );
        shown.parse::<toml::Table>().unwrap();
    }

    #[test]
    fn each_value_says_who_gave_it() {
        let shown = as_file(&values(), true);
        for line in [
            "plugins_dir = \"/p\"  # --plugins\n",
            "http = \"127.0.0.1:1\"  # COFFERDAM_SERVER__HTTP\n",
            "usage_meta = true  # default\n",
            "\"a key\" = 1  # cofferdam.toml:7\n",
        ] {
            assert!(shown.contains(line), "{shown}");
        }
        let json = as_json(&values());
        assert_eq!(
            json["server.http"],
            json!({ "value": "127.0.0.1:1", "origin": { "kind": "environment", "name": "COFFERDAM_SERVER__HTTP" } })
        );
    }
}

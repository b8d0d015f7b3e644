//! `cofferdam grant` and `cofferdam revoke`: one line of the operator's file more or less.
//!
//! The file is the policy, and these commands write it as a person would: comments stay, and what came of it is checked
//! as a whole before it takes the file's place. A host that runs reads it within a second.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use cofferdam_policy::{HttpPattern, PluginId, host_pattern::DANGEROUS_ANY};
use cofferdam_runtime::in_place;
use serde_json::json;

use super::{Exit, Failure, out};
use crate::config::{
    Config,
    edit::{self, EditError, Grant, Revocation},
};

/// Shown by `--help`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    cofferdam grant weather http 'GET https://api.example.com/*'\n  \
    cofferdam grant shop database orders read\n  \
    cofferdam grant printer private 10.1.2.3:631\n\n\
    It edits cofferdam.toml and keeps its comments. A running host applies it within a second.";

/// Shown by `--help`.
pub(super) const REVOKE_EXAMPLES: &str = "Examples:\n  \
    cofferdam revoke weather http 'GET https://api.example.com/*'\n  \
    cofferdam revoke shop database orders\n  \
    cofferdam revoke weather all";

/// What `grant` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The plugin's id: the name of its file without .wasm
    #[arg(value_name = "PLUGIN", value_parser = id)]
    plugin: PluginId,
    #[command(subcommand)]
    what: What,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

/// What can be granted.
#[derive(Debug, Subcommand)]
enum What {
    /// Requests over HTTP: 'METHODS ADDRESS', where `*` may end the path and begin the host
    #[command(after_help = "Example:\n  cofferdam grant weather http 'GET https://api.example.com/*'")]
    Http {
        /// Such as 'GET https://api.example.com/*' or 'GET,POST https://*.example.com/v1/*'
        #[arg(required = true)]
        patterns: Vec<String>,
        /// Accept a pattern that opens hosts which nobody has named, such as 'GET https://*/*'
        #[arg(long)]
        dangerous_any: bool,
    },
    /// One address that is not public, such as 10.1.2.3:8080
    #[command(after_help = "Example:\n  cofferdam grant printer private 10.1.2.3:631")]
    Private {
        /// Address and port
        #[arg(required = true)]
        addresses: Vec<SocketAddr>,
    },
    /// A database of the file's [databases]
    #[command(after_help = "Example:\n  cofferdam grant shop database orders read")]
    Database {
        /// Its label
        label: String,
        /// What may be done there
        #[arg(value_parser = ["read", "write", "schema"])]
        access: String,
    },
}

/// What `revoke` takes.
#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    /// The plugin's id: the name of its file without .wasm
    #[arg(value_name = "PLUGIN", value_parser = id)]
    plugin: PluginId,
    #[command(subcommand)]
    what: Revoked,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

/// What can be revoked.
#[derive(Debug, Subcommand)]
enum Revoked {
    /// A line of its `http`, as `cofferdam grants` shows it
    #[command(after_help = "Example:\n  cofferdam revoke weather http 'GET https://api.example.com/*'")]
    Http {
        /// The lines
        #[arg(required = true)]
        patterns: Vec<String>,
    },
    /// An address that is not public
    #[command(after_help = "Example:\n  cofferdam revoke printer private 10.1.2.3:631")]
    Private {
        /// Address and port
        #[arg(required = true)]
        addresses: Vec<SocketAddr>,
    },
    /// A shared database
    #[command(after_help = "Example:\n  cofferdam revoke shop database orders")]
    Database {
        /// Its label
        label: String,
    },
    /// Everything that it was granted
    #[command(after_help = "Example:\n  cofferdam revoke weather all")]
    All,
}

pub(super) fn id(text: &str) -> Result<PluginId, String> {
    PluginId::parse(text).map_err(|error| error.to_string())
}

impl What {
    fn grants(&self) -> Result<Vec<Grant>, Failure> {
        match self {
            Self::Http { patterns, dangerous_any } => {
                patterns.iter().map(|text| pattern(text, *dangerous_any).map(Grant::Http)).collect()
            }
            Self::Private { addresses } => Ok(addresses.iter().copied().map(Grant::Private).collect()),
            Self::Database { label, access } => {
                Ok(vec![Grant::Database { label: label.clone(), access: access.clone() }])
            }
        }
    }
}

impl Revoked {
    fn revocations(&self) -> Result<Vec<Revocation>, Failure> {
        match self {
            Self::Http { patterns } => {
                patterns.iter().map(|text| known(text).map(Revocation::Http)).collect()
            }
            Self::Private { addresses } => Ok(addresses.iter().copied().map(Revocation::Private).collect()),
            Self::Database { label } => Ok(vec![Revocation::Database(label.clone())]),
            Self::All => Ok(vec![Revocation::All]),
        }
    }
}

/// Grants.
pub(super) fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let (plugin, grants) = (&arguments.plugin, arguments.what.grants()?);
    let edit = |text: &str| each(text, &grants, |text, grant| edit::grant(text, plugin, grant));
    let outcome = File::of(config).edit(edit)?;
    if !config.plugins_dir.join(format!("{plugin}.wasm")).exists() {
        out::say(&format!("note: there is no plugin `{plugin}` yet in {}", config.plugins_dir.display()));
    }
    outcome.say(plugin, arguments.json, "granted", "it has that grant already")
}

/// Revokes.
pub(super) fn revoke(config: &Config, arguments: &RevokeArguments) -> Result<(), Failure> {
    let (plugin, revocations) = (&arguments.plugin, arguments.what.revocations()?);
    let edit = |text: &str| each(text, &revocations, |text, what| edit::revoke(text, plugin, what));
    let outcome = File::of(config).edit(edit)?;
    outcome.say(plugin, arguments.json, "revoked", "it has no such grant")
}

/// Applies one edit after the other; none if none of them changes anything.
fn each<T>(
    text: &str,
    edits: &[T],
    apply: impl Fn(&str, &T) -> Result<Option<String>, EditError>,
) -> Result<Option<String>, EditError> {
    let mut edited = None;
    for edit in edits {
        let now = apply(edited.as_deref().unwrap_or(text), edit)?;
        edited = now.or(edited);
    }
    Ok(edited)
}

fn pattern(text: &str, dangerous_any: bool) -> Result<HttpPattern, Failure> {
    let wider = format!("{text} {DANGEROUS_ANY}");
    match (text.parse(), dangerous_any) {
        (Ok(pattern), _) => Ok(pattern),
        (Err(_), true) if wider.parse::<HttpPattern>().is_ok() => known(&wider),
        (Err(_), false) if wider.parse::<HttpPattern>().is_ok() => Err(Failure::new(
            Exit::Usage,
            format!(
                "{text:?} opens hosts that nobody has named; name them, or add --dangerous-any if you mean that"
            ),
        )),
        (Err(error), _) => Err(Failure::new(Exit::Usage, error.to_string())),
    }
}

/// A pattern that may be a wide one: it is named as it stands in the file.
fn known(text: &str) -> Result<HttpPattern, Failure> {
    let either = text.parse().or_else(|error| format!("{text} {DANGEROUS_ANY}").parse().map_err(|_| error));
    either.map_err(|error: cofferdam_policy::PatternError| Failure::new(Exit::Usage, error.to_string()))
}

/// The operator's file: the one that holds, or the one that will.
struct File<'a> {
    config: &'a Config,
    path: PathBuf,
}

/// What came of an edit.
struct Outcome {
    path: PathBuf,
    changed: bool,
}

impl<'a> File<'a> {
    fn of(config: &'a Config) -> Self {
        Self { config, path: config.file.clone().unwrap_or_else(|| "cofferdam.toml".into()) }
    }

    fn edit(self, edit: impl FnOnce(&str) -> Result<Option<String>, EditError>) -> Result<Outcome, Failure> {
        let _alone = in_place::alone(&self.path);
        let text = self.text()?;
        let edited = edit(&text).map_err(|error| {
            Failure::new(Exit::Config, format!("{} can't be edited: {error}", self.path.display()))
        })?;
        let Some(edited) = edited else { return Ok(Outcome { path: self.path, changed: false }) };
        self.config.if_written(&self.path, &edited)?;
        in_place::replace(&self.path, &edited).map_err(|error| unwritable(&self.path, &error))?;
        Ok(Outcome { path: self.path, changed: true })
    }

    fn text(&self) -> Result<String, Failure> {
        match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            text => text.map_err(|error| {
                Failure::new(Exit::Environment, format!("can't read {}: {error}", self.path.display()))
            }),
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!(
        "can't write {}: {error}; nothing has changed. Run this as its owner, or name another file with --config",
        path.display()
    );
    Failure::new(Exit::Environment, message)
}

impl Outcome {
    fn say(&self, plugin: &PluginId, json: bool, done: &str, nothing: &str) -> Result<(), Failure> {
        let path = self.path.display();
        if json {
            return out::json(
                &json!({ "plugin": plugin.as_str(), "file": self.path, "changed": self.changed }),
            );
        }
        out::print(&match self.changed {
            true => format!("{plugin}: {done} in {path}; a running host applies it within a second"),
            false => format!("{plugin}: {nothing} in {path}; nothing has changed"),
        })
    }
}

//! Commands that ask a host that runs: how they find it, and how they ask.
//!
//! What each of them asks and prints is in its own file. A configuration that doesn't hold stops none of them: the
//! host goes on under its last good one, and this is when its operator wants to look.

mod client;
mod find;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use cofferdam_runtime::policy::{PluginId, name::NameError};

pub(super) use self::{
    client::{Client, Patience},
    show::{Table, digest, indented, instant, paragraph},
};
use super::{Failure, history, logs, ps, reload, rollback};
use crate::config::{Config, Origin};

/// What a host that runs can be asked.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows the plugins of the host that runs: their state, calls and latency
    #[command(
        after_help = "Example:\n  cofferdam ps\n  cofferdam ps --json | jq '.plugins[] | select(.errors > 0)'"
    )]
    Ps(Asked),
    /// Has the host look at its plugins directory now, and shows what came of it
    #[command(after_help = "Example:\n  cofferdam reload && echo all plugins serve")]
    Reload(Asked),
    /// Puts the previous good version of a plugin to serve
    #[command(after_help = "Example:\n  cofferdam rollback text")]
    Rollback(AskedOf),
    /// Shows what happened to a plugin since the host started
    #[command(after_help = "Example:\n  cofferdam history text")]
    History(AskedOf),
    /// Shows the last lines of the host's log, and follows it
    #[command(after_help = "Example:\n  cofferdam logs -f --plugin text")]
    Logs(logs::Arguments),
}

/// Asks, and shows the answer.
pub(super) async fn run(wanted: &Wanted, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Ps(asked) => ps::run(wanted, asked).await,
        Command::Reload(asked) => reload::run(wanted, asked).await,
        Command::Rollback(asked) => rollback::run(wanted, asked).await,
        Command::History(asked) => history::run(wanted, asked).await,
        Command::Logs(arguments) => logs::run(wanted, arguments).await,
    }
}

/// Which host is asked; part of every command here.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub(super) struct Target {
    /// The admin socket of the host to ask [default: that of the host that serves the plugins directory, or of the
    /// only one that runs]
    #[arg(long, value_name = "SOCKET")]
    admin: Option<PathBuf>,
}

/// What a command takes whose answer is one thing.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct Asked {
    #[command(flatten)]
    pub(super) target: Target,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What a command takes that is about one plugin.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct AskedOf {
    /// The plugin's id
    #[arg(value_name = "PLUGIN", value_parser = id)]
    pub(super) plugin: PluginId,
    #[command(flatten)]
    pub(super) asked: Asked,
}

fn id(text: &str) -> Result<PluginId, NameError> {
    PluginId::parse(text)
}

impl Target {
    /// The host.
    pub(super) async fn find(&self, wanted: &Wanted) -> Result<Client, Failure> {
        match &self.admin {
            Some(socket) => Ok(Client::new(socket.clone())),
            None => find::host(wanted).await,
        }
    }
}

/// The host that the configuration of a command means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Where its socket is, if the operator's file says so.
    socket: Option<PathBuf>,
    /// The directory that it serves.
    plugins_dir: Option<PathBuf>,
    /// Whether a host that serves another one is none.
    only: bool,
    /// Whether a host of this configuration can't be asked.
    disabled: bool,
}

impl Wanted {
    /// By a configuration. A directory that the command line names is meant.
    pub(super) fn by(config: &Config) -> Self {
        Self {
            socket: config.admin.socket.clone(),
            plugins_dir: Some(config.plugins_dir.clone()),
            only: matches!(config.origin(&["plugins_dir"]), Origin::Flag(_)),
            disabled: !config.admin.enabled,
        }
    }

    /// By the command line alone.
    pub(super) fn by_directory(directory: Option<&Path>) -> Self {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { plugins_dir: directory.map(absolute), only: directory.is_some(), ..Self::default() }
    }
}

//! `cofferdam rollback`: the previous good version of a plugin, when the newest one turns out bad.

use clap::Args;
use cofferdam_runtime::policy::{PluginId, name::NameError};
use serde_json::json;

use super::{
    Failure,
    admin::{Patience, Target, Wanted, digest},
    out, plugin,
};
use crate::admin::wire::Version;

/// What `rollback` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The plugin's id
    #[arg(value_name = "PLUGIN", value_parser = id)]
    plugin: PluginId,
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn id(text: &str) -> Result<PluginId, NameError> {
    PluginId::parse(text)
}

/// Goes back, and says to what.
pub(super) async fn run(wanted: &Wanted, arguments: &Arguments) -> Result<(), Failure> {
    let host = arguments.target.find(wanted).await?;
    let version: Version =
        host.post(&format!("/plugins/{}/rollback", arguments.plugin), Patience::Much).await?;
    if arguments.json {
        return out::json(&json!(version));
    }
    out::print(&said(&arguments.plugin, &version))
}

fn said(id: &PluginId, version: &Version) -> String {
    format!(
        "{id} serves {} ({}, generation {})\n\
         This holds until its file changes or the host restarts: put the good version in its place.\n",
        digest(&version.digest),
        plugin::size(version.size),
        version.generation,
    )
}

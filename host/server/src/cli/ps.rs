//! `cofferdam ps`: the plugins of a host that runs.

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Failure,
    admin::{Patience, Table, Target, Wanted},
    out,
};
use crate::admin::wire::Plugins;

/// What `ps` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows the plugins.
pub(super) async fn run(wanted: &Wanted, arguments: &Arguments) -> Result<(), Failure> {
    let host = arguments.target.find(wanted).await?;
    let answer: Plugins = host.get("/plugins", Patience::Some).await?;
    if arguments.json {
        return out::json(&json!(answer));
    }
    out::print(&Table { plugins: &answer.plugins, now: Timestamp::now() }.to_string())
}

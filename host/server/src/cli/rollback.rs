//! `cofferdam rollback`: the previous good version of a plugin, when the newest one turns out bad.

use cofferdam_runtime::policy::PluginId;
use serde_json::json;

use super::{
    Failure,
    admin::{AskedOf, Patience, Wanted, digest},
    out,
    plugin::size,
};
use crate::admin::wire::Version;

/// Goes back, and says to what.
pub(super) async fn run(wanted: &Wanted, AskedOf { plugin, asked }: &AskedOf) -> Result<(), Failure> {
    let host = asked.target.find(wanted).await?;
    let version: Version = host.post(&format!("/plugins/{plugin}/rollback"), Patience::Much).await?;
    if asked.json {
        return out::json(&json!(version));
    }
    out::print(&said(plugin, &version))
}

fn said(id: &PluginId, version: &Version) -> String {
    format!(
        "{id} serves {} ({}, generation {})\n\
         This holds until its file changes or the host restarts: put the good version in its place.\n",
        digest(&version.digest),
        size(version.size),
        version.generation,
    )
}

//! `cofferdam ps`: the plugins of a host that runs.

use jiff::Timestamp;
use serde_json::json;

use super::{
    Failure,
    admin::{Asked, Patience, Table, Wanted},
    out,
};
use crate::admin::wire::Plugins;

/// Shows the plugins.
pub(super) async fn run(wanted: &Wanted, asked: &Asked) -> Result<(), Failure> {
    let host = asked.target.find(wanted).await?;
    let answer: Plugins = host.get("/plugins", Patience::Some).await?;
    if asked.json {
        return out::json(&json!(answer));
    }
    out::print(&Table { plugins: &answer.plugins, now: Timestamp::now() }.to_string())
}

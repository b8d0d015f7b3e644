//! The first lock on each door: a plugin that wants what it was not granted isn't loaded.
//!
//! What it may do once it is loaded is decided anew for each action, where the action is.

use std::sync::Arc;

use cofferdam_policy::{HttpGrant, HttpPattern, PluginId};

use crate::{
    error::NotGranted,
    imports::Import,
    plugin::{PluginSpec, Tool},
};

/// Whether the operator granted something of each capability that is asked for.
pub(super) fn check(
    id: &PluginId,
    imports: &[Import],
    tools: &[Arc<Tool>],
    spec: &PluginSpec,
) -> Result<(), NotGranted> {
    let granted = spec.http.as_ref().is_some_and(|grant: &HttpGrant| !grant.patterns().is_empty());
    if granted || !imports.iter().any(Import::is_http) {
        return Ok(());
    }
    Err(NotGranted { plugin: id.to_string(), lines: wanted(tools) })
}

/// The grants for HTTP that the tools would like, as far as somebody may paste them into a shell or a file.
fn wanted(tools: &[Arc<Tool>]) -> Vec<String> {
    let mut lines = Vec::new();
    for want in tools.iter().flat_map(|tool| &tool.wants) {
        let Some(Ok(pattern)) = want.strip_prefix("http ").map(str::parse::<HttpPattern>) else { continue };
        let line = pattern.to_string();
        if !pattern.is_dangerous() && !line.contains(['\'', '"', '\\']) && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

//! One call of every sample tool, and what its result says: for every client alike.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One call.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sample {
    /// The tool's public name.
    pub(crate) tool: String,
    pub(crate) arguments: Map<String, Value>,
    /// What is in the text of the result.
    pub(crate) says: String,
}

/// All calls, in the order in which the tools are listed.
pub(crate) fn all() -> Vec<Sample> {
    serde_json::from_str(include_str!("samples.json")).unwrap()
}

/// The names of their tools: all that there are.
pub(crate) fn names(samples: &[Sample]) -> Vec<&str> {
    samples.iter().map(|sample| sample.tool.as_str()).collect()
}

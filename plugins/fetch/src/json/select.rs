//! What a path picks: RFC 9535 for JSONPath, RFC 6901 for JSON Pointer.

use cofferdam_sdk::prelude::*;
use serde_json::Value;
use serde_json_path::JsonPath;

/// A path that was read.
pub(super) enum Path {
    Query(Box<JsonPath>),
    Pointer(String),
}

pub(super) fn parse(written: &str) -> Result<Path> {
    let written = written.trim();
    if written.is_empty() || written.starts_with('/') {
        return Ok(Path::Pointer(written.to_owned()));
    }
    if !written.starts_with('$') {
        return Err(ToolError::invalid(format!(
            "`path` begins with $ (JSONPath, such as $.items[0]) or / (JSON Pointer, such as /items/0), found {written:?}"
        )));
    }
    let path = JsonPath::parse(written).map_err(|error| {
        ToolError::invalid(format!(
            "`path` is no JSONPath: {error}; such as $.items[*].name or $.items[?@.price < 10]"
        ))
    })?;
    Ok(Path::Query(Box::new(path)))
}

impl Path {
    pub(super) fn pick(&self, whole: &Value) -> Result<Value> {
        match self {
            Self::Query(path) => Ok(path.query(whole).all().into_iter().cloned().collect()),
            Self::Pointer(pointer) => whole.pointer(pointer).cloned().ok_or_else(|| missing(pointer, whole)),
        }
    }
}

/// Says up to where the path leads, and what is there.
fn missing(pointer: &str, whole: &Value) -> ToolError {
    let mut there = "";
    let ends = pointer.match_indices('/').map(|(at, _)| at).skip(1).chain([pointer.len()]);
    for end in ends {
        let next = pointer.get(..end).unwrap_or(pointer);
        if whole.pointer(next).is_some() {
            there = next;
            continue;
        }
        let around = if there.is_empty() { "the whole answer".to_owned() } else { format!("`{there}`") };
        let what = whole.pointer(there).map(what).unwrap_or_default();
        return ToolError::not_found(format!("there is nothing at `{next}`: {around} {what}"));
    }
    ToolError::not_found(format!("there is nothing at `{pointer}`"))
}

fn what(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let keys: Vec<_> = map.keys().take(30).map(String::as_str).collect();
            let more = if map.len() > keys.len() { ", …" } else { "" };
            format!("has the keys {}{more}", keys.join(", "))
        }
        Value::Array(list) => format!("is a list of {}", list.len()),
        _ => "is neither a list nor an object".to_owned(),
    }
}

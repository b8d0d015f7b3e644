//! A lock as text: sorted, one thing per line, so that version control shows what an approval changes.
//!
//! Written by hand and read by a library: no writer of TOML escapes characters that a reader doesn't see, and a
//! plugin could hide in them what a person is supposed to look at.

use std::{collections::BTreeSet, fmt::Write as _};

use cofferdam_capabilities::sanitize;
use cofferdam_policy::PluginId;
use serde_json::Value;

use super::{Approved, Lock, VERSION, seal};
use crate::{
    content::JsonObject,
    difference::surface::{AnnotationSurface, IconSurface, TaskSurface, ToolSurface},
};

const HEADER: &str = "\
# What was approved of each plugin: its file, what it asks the host for, and what it says of its tools.
# With `trust = \"lock\"` under [plugins] in cofferdam.toml, nothing else comes into service.
# Written by `cofferdam approve`. Keep it under version control, and don't edit it by hand.
";

/// The whole file.
pub(super) fn text(lock: &Lock) -> String {
    let mut text = format!("{HEADER}version = {VERSION}\n");
    for (id, approved) in &lock.plugins {
        plugin(&mut text, id, approved);
    }
    text
}

fn plugin(text: &mut String, id: &PluginId, approved: &Approved) {
    let Approved { digest, surface } = approved;
    let _ = writeln!(text, "\n[plugins.{id}]");
    key(text, "sha256", &string(digest));
    key(text, "seal", &string(&seal(id, approved)));
    key(text, "abi", &string(&surface.abi));
    strings(text, "imports", &surface.imports);
    for (name, said) in &surface.tools {
        // Ids and tool names are plain keys: nothing of them has to be quoted.
        let _ = writeln!(text, "\n[plugins.{id}.tools.{name}]");
        tool(text, said);
    }
}

fn tool(text: &mut String, tool: &ToolSurface) {
    if let Some(title) = &tool.title {
        key(text, "title", &string(title));
    }
    key(text, "description", &string(&tool.description));
    if !tool.annotations.is_empty() {
        key(text, "annotations", &annotations(&tool.annotations));
    }
    if let Some(task) = tool.task {
        key(text, "task", if task == TaskSurface::Required { "\"required\"" } else { "\"optional\"" });
    }
    strings(text, "required_scopes", &tool.required_scopes);
    if let Some(cache) = tool.cache_ms {
        key(text, "cache_ms", &cache.to_string());
    }
    strings(text, "wants", &tool.wants);
    if !tool.icons.is_empty() {
        list(text, "icons", tool.icons.iter().map(icon));
    }
    key(text, "input_schema", &json(&tool.input_schema));
    for (name, object) in [("output_schema", &tool.output_schema), ("meta", &tool.meta)] {
        if let Some(object) = object {
            key(text, name, &json(object));
        }
    }
}

fn key(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {value}");
}

fn strings(text: &mut String, name: &str, values: &BTreeSet<String>) {
    if !values.is_empty() {
        list(text, name, values.iter().map(|value| line(value)));
    }
}

fn list(text: &mut String, name: &str, values: impl Iterator<Item = String>) {
    let lines: String = values.map(|value| format!("    {value},\n")).collect();
    key(text, name, &format!("[\n{lines}]"));
}

fn annotations(annotations: &AnnotationSurface) -> String {
    let AnnotationSurface { read_only_hint, destructive_hint, idempotent_hint, open_world_hint } =
        annotations;
    let hint = |name, hint: &Option<bool>| hint.map(|hint| (name, hint.to_string()));
    inline(
        [
            hint("readOnlyHint", read_only_hint),
            hint("destructiveHint", destructive_hint),
            hint("idempotentHint", idempotent_hint),
            hint("openWorldHint", open_world_hint),
        ]
        .into_iter()
        .flatten(),
    )
}

fn icon(icon: &IconSurface) -> String {
    let IconSurface { src, mime_type, sizes, theme } = icon;
    let sizes: Vec<_> = sizes.iter().map(|size| line(size)).collect();
    let parts = [
        Some(("src", line(src))),
        mime_type.as_deref().map(|kind| ("mimeType", line(kind))),
        (!sizes.is_empty()).then(|| ("sizes", format!("[{}]", sizes.join(", ")))),
        theme.as_deref().map(|theme| ("theme", line(theme))),
    ];
    inline(parts.into_iter().flatten())
}

fn inline(parts: impl Iterator<Item = (&'static str, String)>) -> String {
    let parts: Vec<_> = parts.map(|(name, value)| format!("{name} = {value}")).collect();
    format!("{{ {} }}", parts.join(", "))
}

/// JSON as its own text: TOML has neither null nor all of its numbers.
fn json(object: &JsonObject) -> String {
    let mut value = Value::Object(object.clone());
    value.sort_all_objects();
    let plain = format!("{value:#}");
    // What would end the text is escaped in the way of JSON, so that it stays readable line by line.
    let quotes = plain.contains("'''");
    let mut text = String::with_capacity(plain.len());
    for c in plain.chars() {
        if is_hidden(c) || (quotes && c == '\'') {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    string(&text)
}

/// A text, over several lines if it has several.
fn string(text: &str) -> String {
    if !text.contains('\n') {
        return line(text);
    }
    let is_literal =
        !text.contains("'''") && !text.ends_with('\'') && !text.chars().any(|c| c == '\r' || is_hidden(c));
    if is_literal {
        return format!("'''\n{text}'''");
    }
    let lines: Vec<_> = text.split('\n').map(escaped).collect();
    format!("\"\"\"\n{}\"\"\"", lines.join("\n"))
}

/// A text on one line.
fn line(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(escaped, "\\U{:08x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn is_hidden(c: char) -> bool {
    sanitize::has_hidden(c.encode_utf8(&mut [0; 4]))
}

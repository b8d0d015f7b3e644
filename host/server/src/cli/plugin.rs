//! A loaded plugin in words, and as JSON: shared by the commands that show one.

use std::{collections::BTreeMap, io, path::Path};

use cofferdam_runtime::{
    LoadError, Plugin, Tool, capabilities::sanitize, content::JsonObject, schema::Schema,
};
use serde_json::{Value, json};

use super::{Exit, Failure};

/// Longest line of a description in a list.
const LINE: usize = 100;

/// What it may do, in plain words: each meaning once, with the packages or interfaces that mean it.
pub(super) fn imports(plugin: &Plugin) -> String {
    let mut meanings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in &plugin.imports {
        let names = meanings.entry(&import.meaning).or_default();
        let name = short(&import.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let line = |(meaning, names): (&str, Vec<&str>)| {
        format!("  {meaning} ({})\n", sanitize::line(&names.join(", "), 400))
    };
    match meanings.is_empty() {
        true => "  asks the host for nothing\n".to_owned(),
        false => meanings.into_iter().map(line).collect(),
    }
}

/// What it wants and wasn't granted, with what would grant it.
pub(super) fn missing(plugin: &Plugin) -> String {
    match &plugin.missing {
        None => String::new(),
        Some(missing) => format!("  not served yet: {}\n", sanitize::lines(&missing.to_string(), 4_000)),
    }
}

/// WASI is offered by the package, our own interfaces one by one.
fn short(name: &str) -> &str {
    let end = if name.starts_with("wasi:") { '/' } else { '@' };
    name.split(end).next().unwrap_or(name)
}

/// Its tools, one line each.
pub(super) fn tools<'a>(tools: impl Iterator<Item = &'a Tool>) -> String {
    let tools: Vec<_> = tools.collect();
    let width = tools.iter().map(|tool| tool.public_name.as_str().len()).max().unwrap_or(0);
    let line = |tool: &&Tool| {
        let first = tool.description.lines().next().unwrap_or_default();
        format!("  {:width$}  {}\n", tool.public_name.as_str(), sanitize::line(first, LINE))
    };
    tools.iter().map(line).collect()
}

/// Why a file is no plugin. One that isn't there at all was named by mistake.
pub(super) fn refused(file: &Path, error: &LoadError) -> Failure {
    let exit = match error {
        LoadError::Read(cause) if cause.kind() == io::ErrorKind::NotFound => Exit::Usage,
        LoadError::Read(_) => Exit::Environment,
        _ => Exit::Plugin,
    };
    Failure::new(exit, format!("{}: {}", file.display(), reason(error)))
}

/// The words of a refusal; some of them are the guest's.
pub(super) fn reason(error: &LoadError) -> String {
    sanitize::lines(&error.to_string(), 4_000)
}

/// The facts of the file.
pub(super) fn json(plugin: &Plugin) -> Value {
    let imports =
        plugin.imports.iter().map(|import| json!({ "name": import.name, "meaning": import.meaning }));
    json!({
        "plugin": plugin.id.as_str(),
        "abi": plugin.abi,
        "size": plugin.size,
        "digest": format!("sha256:{}", plugin.digest),
        "imports": imports.collect::<Vec<_>>(),
        "notGranted": plugin.missing.as_ref().map(|missing| json!({ "http": missing.lines })),
        "tools": plugin.tools.iter().map(|tool| tool_json(tool)).collect::<Vec<_>>(),
    })
}

fn tool_json(tool: &Tool) -> Value {
    let schema = |schema: &Schema| Value::Object(JsonObject::clone(schema.source()));
    let hints = &tool.hints;
    json!({
        "name": tool.name.as_str(),
        "publicName": tool.public_name.as_str(),
        "title": tool.title,
        "description": tool.description,
        "inputSchema": schema(&tool.input),
        "wants": tool.wants,
        "outputSchema": tool.output.as_ref().map(schema),
        "annotations": {
            "readOnlyHint": hints.read_only,
            "destructiveHint": hints.destructive,
            "idempotentHint": hints.idempotent,
            "openWorldHint": hints.open_world,
        },
    })
}

/// A size for people: to a tenth of its unit.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, factor)| bytes >= *factor) {
        Some((unit, factor)) => format!("{:.1} {unit}", bytes as f64 / *factor as f64),
        None => format!("{bytes} B"),
    }
}

/// A number with its thousands apart.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push('_');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_named_by_what_is_offered() {
        assert_eq!(short("wasi:io/streams@0.2.6"), "wasi:io");
        assert_eq!(short("cofferdam:plugin/request@0.1.0"), "cofferdam:plugin/request");
    }

    #[test]
    fn numbers_are_shown_for_people() {
        for (bytes, shown) in [(0, "0 B"), (900, "900 B"), (1024, "1.0 KiB"), (1_200_000, "1.1 MiB")] {
            assert_eq!(size(bytes), shown);
        }
        for (number, shown) in [(0, "0"), (999, "999"), (1_000, "1_000"), (12_345_678, "12_345_678")] {
            assert_eq!(thousands(number), shown);
        }
    }
}

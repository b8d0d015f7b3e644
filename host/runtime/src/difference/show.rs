//! A difference as text for a terminal.
//!
//! Most of the words are the plugin's. Nothing in them is obeyed by a terminal, and every line of them stands
//! behind a mark and a margin, so that none can pass for a line of ours.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use cofferdam_capabilities::sanitize;
use serde_json::Value;

use super::{Change, Changed, Difference, ToolChange};
use crate::imports::{self, Interface};

/// Longest value that stands on the line of its place, in bytes.
const SHORT: usize = 80;

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(changed) = &self.abi {
            let mark = if changed.from.is_empty() { '+' } else { '~' };
            writeln!(f, "{mark} {}", abi("abi", changed))?;
        }
        imports(f, '+', &self.imports.added)?;
        imports(f, '-', &self.imports.removed)?;
        for added in &self.tools.added {
            tool(f, '+', added)?;
        }
        for name in &self.tools.removed {
            writeln!(f, "- tool {}", line(name))?;
        }
        for changed in &self.tools.changed {
            tool(f, '~', changed)?;
        }
        Ok(())
    }
}

/// `ABI 0.1.0 to 0.1.1`, or the version alone if there was none before.
pub(super) fn abi(word: &str, Changed { from, to }: &Changed) -> String {
    match from.as_str() {
        "" => format!("{word} {}", line(to)),
        from => format!("{word} {} to {}", line(from), line(to)),
    }
}

/// Words of a plugin on one line.
pub(super) fn line(text: &str) -> String {
    sanitize::line(text, usize::MAX)
}

/// Interfaces of one package that mean the same on one line: an ordinary toolchain imports a dozen of WASI's.
fn imports(f: &mut Formatter<'_>, mark: char, names: &[String]) -> fmt::Result {
    let mut groups: BTreeMap<(&str, &str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for name in names {
        match Interface::parse(name) {
            Some(Interface { package, interface, version }) => {
                groups.entry((package, version, imports::meaning_of(name))).or_default().push(interface);
            }
            None => writeln!(f, "{mark} import {}", line(name))?,
        }
    }
    for ((package, version, meaning), interfaces) in groups {
        let all = match interfaces.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("{{{}}}", several.join(",")),
        };
        let meaning = meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
        writeln!(f, "{mark} import {}{meaning}", line(&format!("{package}/{all}@{version}")))?;
    }
    Ok(())
}

fn tool(f: &mut Formatter<'_>, mark: char, change: &ToolChange) -> fmt::Result {
    writeln!(f, "{mark} tool {}", line(&change.name))?;
    // First what a person and a model read first.
    let (prose, others): (Vec<_>, Vec<_>) =
        change.changes.iter().partition(|change| matches!(change.at.as_str(), "/title" | "/description"));
    prose.into_iter().chain(others).try_for_each(|change| part(f, change))?;
    match change.more {
        0 => Ok(()),
        1 => writeln!(f, "    and 1 more change"),
        more => writeln!(f, "    and {more} more changes"),
    }
}

fn part(f: &mut Formatter<'_>, change: &Change) -> fmt::Result {
    let at = line(change.at.trim_start_matches('/'));
    let shown = |value: &Value| shown(&change.at, value);
    match (&change.from, &change.to) {
        (Some(from), Some(to)) => {
            let (from, to) = (shown(from), shown(to));
            let note = if from.lines().eq(to.lines()) { " (in characters that are not shown)" } else { "" };
            writeln!(f, "    ~ {at}{note}")?;
            block(f, "        - ", &from)?;
            block(f, "        + ", &to)
        }
        (None, Some(value)) => whole(f, '+', &at, &shown(value)),
        (Some(value), None) => whole(f, '-', &at, &shown(value)),
        (None, None) => Ok(()),
    }
}

fn whole(f: &mut Formatter<'_>, mark: char, at: &str, value: &str) -> fmt::Result {
    if value.len() <= SHORT && !value.contains('\n') {
        return writeln!(f, "    {mark} {at}: {value}");
    }
    writeln!(f, "    {mark} {at}:")?;
    block(f, &format!("        {mark} "), value)
}

fn block(f: &mut Formatter<'_>, margin: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return writeln!(f, "{}", margin.trim_end());
    }
    text.lines().try_for_each(|line| writeln!(f, "{margin}{line}"))
}

/// Prose as it is; any other value as JSON, so that a number and a text that reads like it are told apart.
fn shown(at: &str, value: &Value) -> String {
    let is_prose = at.ends_with("/description") || at.ends_with("/title");
    let text = match value {
        Value::String(text) if is_prose => text.clone(),
        value => {
            let compact = value.to_string();
            if compact.len() <= SHORT { compact } else { format!("{value:#}") }
        }
    };
    sanitize::lines(&text, usize::MAX)
}

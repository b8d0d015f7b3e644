//! What differs between two versions of a plugin, for those who decide whether to take the new one.
//!
//! Compares what the versions show and want ([`Surface`]), not their code. The order of tools, of imports and of
//! the keys of a schema is no difference. Pure: nothing is read, loaded or decided here.

mod pointer;
mod show;
pub mod surface;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use self::pointer::Room;
pub use self::{pointer::Change, surface::Surface};
use crate::imports;

/// Characters of a value that a bounded difference keeps.
const VALUE: usize = 300;
/// Changes of one tool that a bounded difference keeps.
const CHANGES: usize = 50;

/// What differs between two versions of a plugin.
///
/// Its display is for a terminal: `+` added, `-` removed, `~` changed, with everything left out of the plugin's own
/// words that a terminal would obey.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Difference {
    /// The ABI version, if it is another one; the earlier one is empty if there was no earlier version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub abi: Option<Changed>,
    /// Interfaces that are asked for, or no longer.
    pub imports: Imports,
    /// Its tools.
    pub tools: Tools,
}

/// One text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// What differs in the interfaces that a plugin asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imports {
    /// Asked for now.
    pub added: Vec<String>,
    /// No longer asked for.
    pub removed: Vec<String>,
}

/// What differs in the tools, each list sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tools {
    /// New ones: everything that each says, as changes from nothing.
    pub added: Vec<ToolChange>,
    /// Those that are gone.
    pub removed: Vec<String>,
    /// Those that say something else.
    pub changed: Vec<ToolChange>,
}

/// What differs in one tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolChange {
    /// Its name within the plugin.
    pub name: String,
    /// What differs.
    pub changes: Vec<Change>,
    /// How many more changes there are; zero in a difference that is whole.
    pub more: usize,
}

impl Difference {
    /// From `before` to `after`, small enough to be kept and sent: long values are cut around the first place
    /// where they differ, and of many changes of one tool the first ones are kept.
    #[must_use]
    pub fn between(before: &Surface, after: &Surface) -> Self {
        Self::within(before, after, Room { value: VALUE, changes: CHANGES })
    }

    /// From `before` to `after`, whole: for the one who has to approve of it.
    #[must_use]
    pub fn in_full(before: &Surface, after: &Surface) -> Self {
        Self::within(before, after, Room { value: usize::MAX, changes: usize::MAX })
    }

    fn within(before: &Surface, after: &Surface, room: Room) -> Self {
        let Surface { abi, imports, tools } = before;
        let mut difference = Self {
            abi: (*abi != after.abi).then(|| Changed { from: abi.clone(), to: after.abi.clone() }),
            imports: Imports {
                added: after.imports.difference(imports).cloned().collect(),
                removed: imports.difference(&after.imports).cloned().collect(),
            },
            tools: Tools::default(),
        };
        let names: BTreeSet<&String> = tools.keys().chain(after.tools.keys()).collect();
        for name in names {
            match (tools.get(name), after.tools.get(name)) {
                (Some(_), None) => difference.tools.removed.push(name.clone()),
                (None, Some(tool)) => difference.tools.added.push(change(name, &Value::Null, tool, room)),
                (Some(old), Some(tool)) if old != tool => {
                    difference.tools.changed.push(change(name, &value(old), tool, room));
                }
                _ => {}
            }
        }
        difference
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// One line: `1 tool added, 2 changed, wants http`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        let Tools { added, removed, changed } = &self.tools;
        for (number, what) in [(added.len(), "added"), (changed.len(), "changed"), (removed.len(), "removed")]
        {
            let tool = match (parts.is_empty(), number) {
                (true, 1) => "tool ",
                (true, _) => "tools ",
                (false, _) => "",
            };
            if number > 0 {
                parts.push(format!("{number} {tool}{what}"));
            }
        }
        parts.extend(self.imports.summary());
        parts.extend(self.abi.as_ref().map(|abi| show::abi("ABI", abi)));
        if parts.is_empty() { "no difference".to_owned() } else { parts.join(", ") }
    }
}

impl Imports {
    /// By what an operator calls them; another version of the same is its own case.
    fn summary(&self) -> Vec<String> {
        let short = |names: &'_ [String]| -> BTreeSet<String> {
            names.iter().map(|name| imports::short(name).to_owned()).collect()
        };
        let (added, removed) = (short(&self.added), short(&self.removed));
        let listed = |words: &str, names: Vec<&String>| {
            let names: Vec<_> = names.into_iter().map(|name| show::line(name)).collect();
            (!names.is_empty()).then(|| format!("{words} {}", names.join(" and ")))
        };
        [
            listed("wants", added.difference(&removed).collect()),
            listed("no longer wants", removed.difference(&added).collect()),
            listed("wants another version of", added.intersection(&removed).collect()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn change(name: &str, before: &Value, after: &surface::ToolSurface, room: Room) -> ToolChange {
    let (changes, more) = pointer::changes(before, &value(after), room);
    ToolChange { name: name.to_owned(), changes, more }
}

/// A tool as the tree that is compared: a part that it doesn't have isn't in it.
fn value(tool: &surface::ToolSurface) -> Value {
    // Maps with texts as keys and values that are JSON already: there is nothing that could fail.
    serde_json::to_value(tool).unwrap_or_default()
}

#[cfg(test)]
mod tests;

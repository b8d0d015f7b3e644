//! Which plugin and which tool are meant; a name that is nearly right is answered with the right one.

use std::path::{Path, PathBuf};

use cofferdam_runtime::{Entry, Plugin, load, policy::PluginId};

use crate::{
    cli::{Exit, Failure},
    config::{Config, nearest},
};

/// The file of a plugin: named itself, or by an id in the plugins directory.
pub(in crate::cli) fn file(config: &Config, name: &str) -> Result<PathBuf, Failure> {
    if name.contains('/') || Path::new(name).extension().is_some_and(|extension| extension == "wasm") {
        return Ok(name.into());
    }
    let directory = &config.plugins_dir;
    let candidates = load::candidates(directory, &config.load).map_err(|error| {
        let message = format!(
            "can't read the plugins directory {}: {error}; name it with --plugins, or name a .wasm file",
            directory.display()
        );
        Failure::new(Exit::Environment, message)
    })?;
    // What is wrong with a file, whoever reads it is told.
    let files = candidates.into_iter().map(|candidate| candidate.file);
    let ids: Vec<(PluginId, PathBuf)> =
        files.filter_map(|file| Some((load::id_of(&file).ok()?, file))).collect();
    match ids.iter().find(|(id, _)| id.as_str() == name) {
        None => Err(no_plugin(name, directory, &ids)),
        Some((id, _)) if !config.is_enabled(id) => {
            let message = format!("plugin `{id}` is not enabled; set `enabled = true` under [plugins.{id}]");
            Err(Failure::new(Exit::Usage, message))
        }
        Some((_, file)) => Ok(file.clone()),
    }
}

fn no_plugin(name: &str, directory: &Path, ids: &[(PluginId, PathBuf)]) -> Failure {
    let names: Vec<_> = ids.iter().map(|(id, _)| id.as_str()).collect();
    let remedy = match nearest(name, &names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => "it has none; build some with `cofferdam build`".to_owned(),
        None => format!("it has {}", listed(&names)),
    };
    Failure::new(Exit::Usage, format!("no plugin `{name}` in {}; {remedy}", directory.display()))
}

/// Names in a message: the first of many.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", shown.join(", "))
}

/// The tool of this name, public or within its plugin.
pub(super) fn tool(plugin: Plugin, name: Option<&str>) -> Result<Entry, Failure> {
    let within: Vec<_> = plugin.tools.iter().map(|tool| tool.name.as_str()).collect();
    let Some(name) = name else {
        let message = format!("which tool of `{}`? it has {}", plugin.id, listed(&within));
        return Err(Failure::new(Exit::Usage, message));
    };
    let found = plugin.tools.iter().find(|tool| tool.name.as_str() == name);
    let found = found.or_else(|| plugin.tools.iter().find(|tool| tool.public_name.as_str() == name));
    if let Some(tool) = found.cloned() {
        return Ok(Entry { plugin: plugin.into(), tool });
    }
    let public = plugin.tools.iter().map(|tool| tool.public_name.as_str());
    let all: Vec<_> = within.iter().copied().chain(public).collect();
    let remedy = match nearest(name, &all) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has {}", listed(&within)),
    };
    Err(Failure::new(Exit::Usage, format!("plugin `{}` has no tool `{name}`; {remedy}", plugin.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_is_missing_is_answered_with_what_is_there() {
        let ids = |names: &[&str]| -> Vec<_> {
            names.iter().map(|name| (PluginId::parse(name).unwrap(), PathBuf::new())).collect()
        };
        let message = |name, known: &[&str]| no_plugin(name, Path::new("plugins"), &ids(known)).message();
        assert_eq!(message("txet", &["data", "text"]), "no plugin `txet` in plugins; did you mean `text`?");
        assert_eq!(
            message("weather", &["data", "text"]),
            "no plugin `weather` in plugins; it has `data`, `text`"
        );
        assert_eq!(
            message("text", &[]),
            "no plugin `text` in plugins; it has none; build some with `cofferdam build`"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<_> = (0..25).map(|n| format!("t{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert!(listed(&names).ends_with("`t19` and 5 more"), "{}", listed(&names));
    }
}

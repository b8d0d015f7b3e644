//! `cofferdam build`: from plugin crates to components that the host has accepted.
//!
//! The compiler is the author's own cargo ([`cargo`]); what is a plugin crate is read off its manifest
//! ([`crates`]). A component is checked by the runtime before it is put in its place ([`place`]), so that one
//! that would be refused never replaces one that works.

mod cargo;
mod crates;
mod place;
mod target;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;
use cofferdam_runtime::{Plugin, Runtime};
use serde_json::{Value, json};

use self::crates::{Found, PluginCrate};
use super::{Exit, Failure, out, plugin, sandbox};
use crate::config::Config;

/// Shown by `--help`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    cofferdam build plugins            every crate in plugins/, each to plugins/NAME.wasm\n  \
    cofferdam build my-tool --out .    one crate, to ./NAME.wasm\n\n\
    NAME is the name of the crate's library, with - for _. Without --out the components of a directory of \
    crates are put into that directory, beside the crates, and the component of a single crate into the \
    directory that holds the crate if that is called plugins or is the plugins directory, or else into the \
    crate.";

/// What `build` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A plugin crate, or a directory of plugin crates
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Where the components are put
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What came of one crate.
#[derive(Debug)]
struct Made {
    id: String,
    manifest: PathBuf,
    result: Result<Component, Wrong>,
}

/// A component in its place.
#[derive(Debug)]
struct Component {
    file: PathBuf,
    plugin: Plugin,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    /// Cargo has said why.
    #[error("{0}")]
    Cargo(String),
    /// The host would refuse it.
    #[error("the host refuses it: {reason}; the component is {}", .file.display())]
    Refused {
        /// The component, where cargo put it.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// It can't be put in its place.
    #[error("{0}")]
    Place(String),
}

impl Wrong {
    fn exit(&self) -> Exit {
        match self {
            Self::Cargo(_) => Exit::Tool,
            Self::Refused { .. } => Exit::Plugin,
            Self::Place(_) => Exit::Environment,
        }
    }
}

/// Builds what the arguments name.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let found = crates::find(&arguments.paths).await?;
    let place = |found: &PluginCrate| {
        arguments.out.clone().unwrap_or_else(|| default_out(found, &config.plugins_dir))
    };
    let show = |component: &Component| match arguments.json {
        true => Ok(()),
        false => out::print(&component.shown()),
    };
    let made = make_all(config, found, place, show).await?;
    if arguments.json {
        out::json(&made.iter().map(Made::json).collect())?;
    }
    match made.iter().find_map(|made| made.result.as_ref().err()) {
        None => Ok(()),
        Some(wrong) => Err(Failure::shown(wrong.exit())),
    }
}

/// Builds every plugin crate in a directory, each beside its crate; says on stderr what doesn't build, and goes
/// on. A directory without crates is fine: it may hold components that were built elsewhere.
pub(super) async fn directory(config: &Config, directory: &Path) -> Result<(), Failure> {
    let found = crates::within(directory).await?;
    make_all(config, found, |_| directory.to_owned(), |_| Ok(())).await.map(|_| ())
}

/// Builds these crates of a directory anew, each beside its crate; says on stderr what came of each.
pub(super) async fn again(
    config: &Config,
    crates: &BTreeSet<PathBuf>,
    directory: &Path,
) -> Result<(), Failure> {
    // A crate may be gone, and what changed may have been no crate.
    let crates: Vec<_> = crates.iter().filter(|path| path.join("Cargo.toml").is_file()).cloned().collect();
    let found = crates::find(&crates).await?;
    let show = |component: &Component| {
        let tools = component.plugin.tools.len();
        out::say(&format!(
            "built {}: {}, {}",
            component.plugin.id,
            plugin::size(component.plugin.size),
            super::serve::counted(tools, "tool"),
        ));
        Ok(())
    };
    make_all(config, found, |_| directory.to_owned(), show).await.map(|_| ())
}

/// Where a component is put when nobody says.
fn default_out(found: &PluginCrate, plugins_dir: &Path) -> PathBuf {
    if let Some(directory) = &found.found_in {
        return directory.clone();
    }
    match found.directory.parent() {
        Some(parent) if parent == plugins_dir || parent.ends_with("plugins") => parent.to_owned(),
        _ => found.directory.clone(),
    }
}

/// Builds one crate after the other, and shows what comes of each as it comes: a failure is said on stderr.
async fn make_all(
    config: &Config,
    found: Found,
    place: impl Fn(&PluginCrate) -> PathBuf,
    show: impl Fn(&Component) -> Result<(), Failure>,
) -> Result<Vec<Made>, Failure> {
    let mut all = Vec::new();
    let runtime = sandbox::look(config)?;
    if let Some(first) = found.iter().flatten().next() {
        target::ensure(&first.directory).await?;
    }
    for found in found {
        let made = match found {
            Err(crates::Unusable { manifest, reason }) => {
                let name = manifest.parent().and_then(Path::file_name).unwrap_or_default();
                Made { id: name.to_string_lossy().into_owned(), manifest, result: Err(Wrong::Cargo(reason)) }
            }
            Ok(found) => {
                let result = make(config, &runtime, &found, &place(&found)).await;
                Made { id: found.id.to_string(), manifest: found.manifest, result }
            }
        };
        match &made.result {
            Ok(component) => show(component)?,
            Err(wrong) => out::say(&format!("error: {}: {wrong}", made.id)),
        }
        all.push(made);
    }
    Ok(all)
}

async fn make(
    config: &Config,
    runtime: &Runtime,
    found: &PluginCrate,
    out: &Path,
) -> Result<Component, Wrong> {
    let built = cargo::build(found).await.map_err(Wrong::Cargo)?;
    let bytes = std::fs::read(&built)
        .map_err(|error| Wrong::Place(format!("can't read {}: {error}", built.display())))?;
    let spec = config.plugin_spec(&found.id);
    let plugin = runtime
        .load_bytes(found.id.clone(), bytes.clone(), spec)
        .await
        .map_err(|error| Wrong::Refused { file: built, reason: plugin::reason(&error) })?;
    let file = place::put(&bytes, out, &format!("{}.wasm", found.id)).map_err(Wrong::Place)?;
    Ok(Component { file, plugin })
}

impl Component {
    /// For people.
    fn shown(&self) -> String {
        let Self { file, plugin } = self;
        format!(
            "{}: {}, {}\n{}{}{}",
            plugin.id,
            nearby(file).display(),
            plugin::size(plugin.size),
            plugin::imports(plugin),
            plugin::missing(plugin),
            plugin::tools(plugin.tools.iter().map(|tool| &**tool)),
        )
    }
}

impl Made {
    /// For programs.
    fn json(&self) -> Value {
        match &self.result {
            Err(wrong) => json!({ "plugin": self.id, "manifest": self.manifest, "error": wrong.to_string() }),
            Ok(Component { file, plugin }) => {
                let mut value = plugin::json(plugin);
                if let Value::Object(object) = &mut value {
                    object.insert("file".to_owned(), json!(file));
                    object.insert("manifest".to_owned(), json!(self.manifest));
                }
                value
            }
        }
    }
}

/// The path from the working directory, where it is below that.
fn nearby(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::PluginId;

    use super::*;

    fn found(directory: &str, found_in: Option<&str>) -> PluginCrate {
        PluginCrate {
            id: PluginId::parse("text").unwrap(),
            library: "text".to_owned(),
            directory: directory.into(),
            manifest: Path::new(directory).join("Cargo.toml"),
            found_in: found_in.map(PathBuf::from),
        }
    }

    #[test]
    fn a_component_is_put_where_the_host_will_look_for_it() {
        let configured = Path::new("/srv/tools");
        for (crate_, found_in, expected) in [
            ("/w/crates/text", Some("/w/crates"), "/w/crates"),
            ("/w/plugins/text", None, "/w/plugins"),
            ("/srv/tools/text", None, "/srv/tools"),
            ("/home/me/text", None, "/home/me/text"),
        ] {
            assert_eq!(default_out(&found(crate_, found_in), configured), Path::new(expected), "{crate_}");
        }
    }
}

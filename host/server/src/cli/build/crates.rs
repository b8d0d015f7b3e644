//! Which crates are plugins: those whose library is a `cdylib`, as cargo itself reads their manifests.

use std::path::{Path, PathBuf};

use cofferdam_policy::PluginId;
use serde::Deserialize;

use super::cargo;
use crate::cli::{Exit, Failure};

/// A crate that is built to a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PluginCrate {
    /// The plugin's id: the library's name, with hyphens.
    pub(super) id: PluginId,
    /// The library's name.
    pub(super) library: String,
    /// The crate's directory.
    pub(super) directory: PathBuf,
    /// Its manifest.
    pub(super) manifest: PathBuf,
    /// The directory of crates in which it was found, if it wasn't named itself.
    pub(super) found_in: Option<PathBuf>,
}

/// The crates that these paths name: each a crate, or a directory of crates.
pub(super) async fn find(paths: &[PathBuf]) -> Result<Vec<PluginCrate>, Failure> {
    let mut found: Vec<PluginCrate> = Vec::new();
    for path in paths {
        for new in at(path).await? {
            if found.iter().any(|known| known.manifest == new.manifest) {
                continue;
            }
            if let Some(known) = found.iter().find(|known| known.id == new.id) {
                return Err(same_id(known, &new));
            }
            found.push(new);
        }
    }
    Ok(found)
}

async fn at(path: &Path) -> Result<Vec<PluginCrate>, Failure> {
    let path = existing(path)?;
    let manifest = path.join("Cargo.toml");
    if manifest.is_file()
        && let Some(found) = plugins(std::slice::from_ref(&manifest), None).await?.pop()
    {
        return Ok(vec![found]);
    }
    let found = within(&path).await?;
    if found.is_empty() { Err(none(&path, manifest.is_file())) } else { Ok(found) }
}

/// The plugin crates directly in `directory`, sorted by path.
pub(super) async fn within(directory: &Path) -> Result<Vec<PluginCrate>, Failure> {
    let directory = existing(directory)?;
    let mut manifests = manifests(&directory).map_err(|error| {
        Failure::new(Exit::Environment, format!("can't read {}: {error}", directory.display()))
    })?;
    manifests.sort();
    plugins(&manifests, Some(&directory)).await
}

fn manifests(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.is_file() {
            found.push(manifest);
        }
    }
    Ok(found)
}

fn existing(path: &Path) -> Result<PathBuf, Failure> {
    let real = path.canonicalize().map_err(|error| {
        let message = format!(
            "can't find {}: {error}; expected a plugin crate, or a directory of plugin crates",
            path.display()
        );
        Failure::new(Exit::Usage, message)
    })?;
    // A manifest that is named means its crate.
    match real.parent() {
        Some(parent) if real.file_name().is_some_and(|name| name == "Cargo.toml") => Ok(parent.to_owned()),
        _ => Ok(real),
    }
}

fn none(path: &Path, has_manifest: bool) -> Failure {
    let what = if has_manifest { "its library is not a plugin's, and no" } else { "no" };
    let near = path.join("plugins");
    let remedy = if near.is_dir() {
        "did you mean `cofferdam build plugins`?"
    } else {
        "a plugin crate has `crate-type = [\"cdylib\"]` under [lib] in its Cargo.toml"
    };
    let message = format!("{}: {what} directory in it is a plugin crate; {remedy}", path.display());
    Failure::new(Exit::Usage, message)
}

fn same_id(known: &PluginCrate, new: &PluginCrate) -> Failure {
    let message = format!(
        "{} and {} would both be the plugin `{}`; give one of the libraries another name",
        known.directory.display(),
        new.directory.display(),
        new.id
    );
    Failure::new(Exit::Usage, message)
}

/// Those of `manifests` that are plugin crates. One question to cargo answers for a whole workspace.
async fn plugins(manifests: &[PathBuf], found_in: Option<&Path>) -> Result<Vec<PluginCrate>, Failure> {
    let mut left: Vec<&PathBuf> = manifests.iter().collect();
    let mut found = Vec::new();
    while let Some(first) = left.first().copied() {
        let metadata = cargo::metadata(first).await?;
        let known = parse(&metadata)?;
        left.retain(|manifest| {
            if *manifest == first {
                return false;
            }
            !known.iter().any(|package| package.manifest_path == **manifest)
        });
        found.extend(known.into_iter().filter(|package| manifests.contains(&package.manifest_path)));
    }
    found.sort_by(|a, b| a.manifest_path.cmp(&b.manifest_path));
    found.dedup_by(|a, b| a.manifest_path == b.manifest_path);
    found.iter().filter_map(|package| plugin(package, found_in)).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

fn parse(metadata: &[u8]) -> Result<Vec<Package>, Failure> {
    let metadata: Metadata = serde_json::from_slice(metadata).map_err(|error| {
        Failure::new(Exit::Environment, format!("can't read the answer of `cargo metadata`: {error}"))
    })?;
    Ok(metadata.packages)
}

/// The package as a plugin crate; none if it isn't one.
fn plugin(package: &Package, found_in: Option<&Path>) -> Option<Result<PluginCrate, Failure>> {
    let is_plugin = |target: &&Target| target.crate_types.iter().any(|kind| kind == "cdylib");
    let library = &package.targets.iter().find(is_plugin)?.name;
    let manifest = package.manifest_path.clone();
    let directory = manifest.parent().unwrap_or(Path::new(".")).to_owned();
    let id = PluginId::parse(&library.replace('_', "-").to_ascii_lowercase()).map_err(|error| {
        let message = format!("{}: {error}; set `name` under [lib]", manifest.display());
        Failure::new(Exit::Usage, message)
    });
    Some(id.map(|id| PluginCrate {
        id,
        library: library.clone(),
        directory,
        manifest,
        found_in: found_in.map(Path::to_owned),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(json: serde_json::Value) -> Package {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_plugin_s_id_is_its_library_s_name_with_hyphens() {
        let package = package(serde_json::json!({
            "manifest_path": "/w/plugins/my-tool/Cargo.toml",
            "targets": [
                { "name": "build-script-build", "crate_types": ["bin"] },
                { "name": "my_tool", "crate_types": ["cdylib", "rlib"] },
            ],
        }));
        let found = plugin(&package, Some(Path::new("/w/plugins"))).unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.library.as_str()), ("my-tool", "my_tool"));
        assert_eq!(found.directory, Path::new("/w/plugins/my-tool"));
    }

    #[test]
    fn an_ordinary_crate_is_no_plugin_and_a_bad_name_is_an_error() {
        let ordinary = serde_json::json!({
            "manifest_path": "/w/a/Cargo.toml", "targets": [{ "name": "a", "crate_types": ["lib"] }],
        });
        assert!(plugin(&package(ordinary), None).is_none());
        let long = serde_json::json!({
            "manifest_path": "/w/a/Cargo.toml", "targets": [{ "name": "a".repeat(40), "crate_types": ["cdylib"] }],
        });
        let error = plugin(&package(long), None).unwrap().unwrap_err().message();
        assert!(error.starts_with("/w/a/Cargo.toml: plugin id") && error.contains("1 to 32"), "{error}");
    }

    #[tokio::test]
    async fn a_path_that_is_missing_says_what_was_expected() {
        let error = find(&["no/such/place".into()]).await.unwrap_err().message();
        assert!(error.starts_with("can't find no/such/place: "), "{error}");
        assert!(error.ends_with("expected a plugin crate, or a directory of plugin crates"), "{error}");
    }
}

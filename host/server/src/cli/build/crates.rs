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

/// A crate that can't be built: its manifest, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    /// Its manifest.
    pub(super) manifest: PathBuf,
    /// Why.
    pub(super) reason: String,
}

/// What was found at a path: one crate that is wrong stops no other.
pub(super) type Found = Vec<Result<PluginCrate, Unusable>>;

/// The crates that these paths name: each a crate, or a directory of crates.
pub(super) async fn find(paths: &[PathBuf]) -> Result<Found, Failure> {
    let mut found = Found::new();
    for path in paths {
        found.extend(at(path).await?);
    }
    Ok(distinct(found))
}

/// The plugin crates directly in `directory`, sorted by path.
pub(super) async fn within(directory: &Path) -> Result<Found, Failure> {
    Ok(distinct(all_within(&existing(directory)?).await?))
}

async fn at(path: &Path) -> Result<Found, Failure> {
    let path = existing(path)?;
    let manifest = path.join("Cargo.toml");
    if manifest.is_file() {
        let found = plugins(std::slice::from_ref(&manifest), None).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let found = all_within(&path).await?;
    if found.is_empty() { Err(none(&path)) } else { Ok(found) }
}

async fn all_within(directory: &Path) -> Result<Found, Failure> {
    let mut manifests = manifests(directory).map_err(|error| {
        Failure::new(Exit::Environment, format!("can't read {}: {error}", directory.display()))
    })?;
    manifests.sort();
    plugins(&manifests, Some(directory)).await
}

/// Each crate once, and each plugin once: of two crates that would be one plugin the second is refused.
fn distinct(found: Found) -> Found {
    let mut kept = Found::new();
    for new in found {
        let Ok(new) = new else {
            kept.push(new);
            continue;
        };
        let usable = || kept.iter().flatten();
        if usable().any(|known| known.manifest == new.manifest) {
            continue;
        }
        let same = usable().find(|known| known.id == new.id).map(|known| same_id(known, &new));
        kept.push(same.map_or(Ok(new), Err));
    }
    kept
}

fn same_id(known: &PluginCrate, new: &PluginCrate) -> Unusable {
    let reason = format!(
        "it would be the plugin `{}`, and so would {}; give one of the libraries another name",
        new.id,
        known.directory.display(),
    );
    Unusable { manifest: new.manifest.clone(), reason }
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

fn none(path: &Path) -> Failure {
    let remedy = if path.join("plugins").is_dir() {
        "did you mean `cofferdam build plugins`?"
    } else {
        "a plugin crate has `crate-type = [\"cdylib\"]` under [lib] in its Cargo.toml"
    };
    let message = format!("neither {} nor a directory in it is a plugin crate; {remedy}", path.display());
    Failure::new(Exit::Usage, message)
}

/// Those of `manifests` that are plugin crates. One question to cargo answers for a whole workspace.
async fn plugins(manifests: &[PathBuf], found_in: Option<&Path>) -> Result<Found, Failure> {
    let mut left: Vec<&PathBuf> = manifests.iter().collect();
    let mut found = Found::new();
    while let Some(manifest) = left.first().copied() {
        match cargo::metadata(manifest).await?.and_then(|metadata| parse(&metadata)) {
            Err(reason) => {
                left.retain(|other| *other != manifest);
                found.push(Err(Unusable { manifest: manifest.clone(), reason }));
            }
            Ok(packages) => {
                let mut ours = |package: &&Package| left.contains(&&package.manifest_path);
                let packages: Vec<_> = packages.iter().filter(&mut ours).collect();
                found.extend(packages.iter().filter_map(|package| plugin(package, found_in)));
                left.retain(|other| {
                    *other != manifest && !packages.iter().any(|package| package.manifest_path == **other)
                });
            }
        }
    }
    found.sort_by(|a, b| manifest_of(a).cmp(manifest_of(b)));
    Ok(found)
}

fn manifest_of(found: &Result<PluginCrate, Unusable>) -> &Path {
    match found {
        Ok(found) => &found.manifest,
        Err(unusable) => &unusable.manifest,
    }
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

fn parse(metadata: &[u8]) -> Result<Vec<Package>, String> {
    let metadata: Result<Metadata, _> = serde_json::from_slice(metadata);
    metadata
        .map(|metadata| metadata.packages)
        .map_err(|error| format!("can't read the answer of `cargo metadata`: {error}"))
}

/// The package as a plugin crate; none if it isn't one.
fn plugin(package: &Package, found_in: Option<&Path>) -> Option<Result<PluginCrate, Unusable>> {
    let is_plugin = |target: &&Target| target.crate_types.iter().any(|kind| kind == "cdylib");
    let library = &package.targets.iter().find(is_plugin)?.name;
    let manifest = package.manifest_path.clone();
    let id = match PluginId::parse(&library.replace('_', "-").to_ascii_lowercase()) {
        Ok(id) => id,
        Err(error) => {
            let reason = format!("{error}, or set `name` under [lib] in its Cargo.toml");
            return Some(Err(Unusable { manifest, reason }));
        }
    };
    Some(Ok(PluginCrate {
        id,
        library: library.clone(),
        directory: manifest.parent().unwrap_or(Path::new(".")).to_owned(),
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
        let unusable = plugin(&package(long), None).unwrap().unwrap_err();
        assert_eq!(unusable.manifest, Path::new("/w/a/Cargo.toml"));
        assert!(unusable.reason.starts_with("plugin id \"aaaa"), "{}", unusable.reason);
    }

    #[test]
    fn a_crate_is_built_once_and_two_crates_are_not_one_plugin() {
        let found = |directory: &str| {
            let package = package(serde_json::json!({
                "manifest_path": format!("{directory}/Cargo.toml"),
                "targets": [{ "name": "text", "crate_types": ["cdylib"] }],
            }));
            plugin(&package, None).unwrap()
        };
        let distinct = distinct(vec![found("/w/a"), found("/w/b"), found("/w/a")]);
        let [Ok(first), Err(second)] = distinct.as_slice() else { panic!("{distinct:?}") };
        assert_eq!(first.directory, Path::new("/w/a"));
        let reason =
            "it would be the plugin `text`, and so would /w/a; give one of the libraries another name";
        assert_eq!(
            (second.manifest.as_path(), second.reason.as_str()),
            (Path::new("/w/b/Cargo.toml"), reason)
        );
    }

    #[tokio::test]
    async fn a_path_that_is_missing_says_what_was_expected() {
        let error = find(&["no/such/place".into()]).await.unwrap_err().message();
        assert!(error.starts_with("can't find no/such/place: "), "{error}");
        assert!(error.ends_with("expected a plugin crate, or a directory of plugin crates"), "{error}");
    }
}

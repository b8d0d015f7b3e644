//! One plugin under review: read once, run in the sandbox, compared with what was approved of it.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use cofferdam_runtime::{
    Difference, LoadError, Runtime, Surface,
    capabilities::sanitize,
    load,
    policy::PluginId,
    trust::{Lock, lock::Approved},
};
use serde_json::{Value, json};

use crate::{cli::plugin, config::Config};

/// A plugin that is to be reviewed.
pub(super) struct Wanted {
    /// Its id.
    pub(super) id: PluginId,
    /// Its file.
    pub(super) file: PathBuf,
    /// What keeps the file from being read, if anything does.
    pub(super) unfit: Option<LoadError>,
}

/// One plugin, and what there is to say of it.
pub(super) struct Review {
    /// Its id.
    pub(super) id: PluginId,
    /// Whether somebody said yes to it.
    pub(super) taken: bool,
    file: PathBuf,
    /// The digest that was approved before.
    before: Option<String>,
    found: Result<Found, LoadError>,
}

/// What a plugin is now.
struct Found {
    approved: Approved,
    difference: Difference,
    size: u64,
}

impl Review {
    /// Reads the file, once, and loads what was read.
    pub(super) async fn of(config: &Config, runtime: &Runtime, lock: &Lock, wanted: Wanted) -> Self {
        let Wanted { id, file, unfit } = wanted;
        let before = lock.get(&id);
        let found = match unfit {
            None => found(config, runtime, &id, &file, before).await,
            Some(unfit) => Err(unfit),
        };
        Self { before: before.map(|approved| approved.digest.clone()), id, taken: false, file, found }
    }

    /// Whether it is something else than what was approved.
    pub(super) fn awaits(&self) -> bool {
        self.found.as_ref().is_ok_and(|found| {
            self.before.as_ref() != Some(&found.approved.digest) || !found.difference.is_empty()
        })
    }

    /// What was approved just now.
    pub(super) fn approved(&self) -> Option<(&PluginId, &Approved)> {
        let found = self.found.as_ref().ok().filter(|_| self.taken)?;
        Some((&self.id, &found.approved))
    }

    /// Why no host would take it.
    pub(super) fn refusal(&self) -> Option<String> {
        let error = self.found.as_ref().err()?;
        Some(format!("{}: {}", self.file.display(), plugin::reason(error)))
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let Ok(Found { approved, difference, size }) = &self.found else { return String::new() };
        let digest = &approved.digest;
        let mut text = String::new();
        let how = match &self.before {
            None => "is new",
            Some(_) if !self.awaits() => "is as it was approved",
            Some(before) if before == digest => "has the bytes that were approved, and says something else",
            Some(_) => "is not what was approved",
        };
        let _ = writeln!(text, "{} {how}", self.id);
        let file = sanitize::line(&self.file.display().to_string(), 4_096);
        let _ = writeln!(text, "  file      {file} ({} bytes)", plugin::thousands(*size));
        let _ = writeln!(text, "  sha256    {digest}");
        if let Some(before) = self.before.as_ref().filter(|before| *before != digest) {
            let _ = writeln!(text, "  approved  {before}");
        }
        if !self.awaits() {
            return text;
        }
        match &self.before {
            Some(_) if difference.is_empty() => {
                text.push_str("its code changed; what it asks for and what it says of its tools did not\n");
            }
            Some(_) => {
                let _ = writeln!(text, "{}:\n{difference}", difference.summary());
            }
            None => {
                let _ = writeln!(text, "{difference}");
            }
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "plugin": self.id.as_str(),
            "file": self.file,
            "before": self.before,
            "awaited": self.awaits(),
            "approved": !self.awaits() && self.found.is_ok() || self.taken,
        });
        if let Value::Object(object) = &mut json {
            match &self.found {
                Ok(found) => {
                    object.insert("found".to_owned(), json!(found.approved.digest));
                    object.insert("difference".to_owned(), json!(found.difference));
                }
                Err(error) => {
                    object.insert("refused".to_owned(), json!(plugin::reason(error)));
                }
            }
        }
        json
    }
}

async fn found(
    config: &Config,
    runtime: &Runtime,
    id: &PluginId,
    file: &Path,
    before: Option<&Approved>,
) -> Result<Found, LoadError> {
    let bytes = load::read(file, &config.load)?;
    let plugin = runtime.load_bytes(id.clone(), bytes, config.plugin_spec(id)).await?;
    let surface = Surface::of(&plugin);
    let nothing = Surface::default();
    let difference = Difference::in_full(before.map_or(&nothing, |before| &before.surface), &surface);
    Ok(Found { size: plugin.size, approved: Approved { digest: plugin.digest.clone(), surface }, difference })
}

//! Where each plugin stands: approved as it is, awaiting approval, or in the lock without a file.
//!
//! Goes by the digests of the files. Nothing is compiled or run.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use cofferdam_runtime::{
    LoadError,
    capabilities::sanitize,
    load::{self, Candidate},
    policy::PluginId,
    trust::Lock,
};
use serde_json::{Value, json};

use crate::{
    cli::{Exit, Failure, plugin},
    config::Config,
};

/// Every plugin that there is or was.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Those whose files are not as approved, sorted by id.
    pub(super) awaiting: Vec<Awaiting>,
    /// Those in the lock that have no file.
    pub(super) gone: Vec<PluginId>,
    /// How many are as approved.
    approved: usize,
    /// Files that no host would read, each with the reason.
    unreadable: Vec<(String, String)>,
}

/// A plugin whose file is not as approved.
#[derive(Debug)]
pub(super) struct Awaiting {
    /// Its id.
    pub(super) id: PluginId,
    /// Its file.
    pub(super) file: PathBuf,
    /// The digest that was approved; none: nothing was.
    approved: Option<String>,
    /// The digest of the file.
    found: String,
}

impl Standing {
    /// Reads every file of the plugins directory, as the host would.
    pub(super) fn of(config: &Config, lock: &Lock) -> Result<Self, Failure> {
        let mut standing = Self::default();
        let mut present = Vec::new();
        for Candidate { file, unfit } in candidates(config)? {
            let id = load::id_of(&file);
            present.extend(id.as_ref().ok().cloned());
            let id = id.and_then(|id| unfit.map_or(Ok(id), Err));
            if let Err(error) = id.and_then(|id| standing.add(config, lock, &file, id)) {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                standing.unreadable.push((sanitize::line(&name, 80), plugin::reason(&error)));
            }
        }
        standing.gone = lock.ids().filter(|id| !present.contains(id)).cloned().collect();
        Ok(standing)
    }

    fn add(&mut self, config: &Config, lock: &Lock, file: &Path, id: PluginId) -> Result<(), LoadError> {
        if !config.is_enabled(&id) {
            return Ok(());
        }
        let found = load::digest(&load::read(file, &config.load)?);
        let approved = lock.get(&id).map(|approved| approved.digest.clone());
        if approved.as_ref() == Some(&found) {
            self.approved += 1;
        } else {
            self.awaiting.push(Awaiting { id, file: file.to_owned(), approved, found });
        }
        Ok(())
    }

    /// For people.
    pub(super) fn shown(&self, lock: &Path) -> String {
        let mut text = String::new();
        if !self.awaiting.is_empty() {
            text.push_str("awaiting approval:\n");
            let width = self.awaiting.iter().map(|awaiting| awaiting.id.as_str().len()).max().unwrap_or(0);
            for Awaiting { id, approved, found, .. } in &self.awaiting {
                let how = match approved {
                    None => format!("new, sha256 {}", begin(found)),
                    Some(approved) => format!("sha256 {}, approved {}", begin(found), begin(approved)),
                };
                let _ = writeln!(text, "  {:width$}  {how}", id.as_str());
            }
        }
        if !self.unreadable.is_empty() {
            text.push_str("refused by any host:\n");
            for (file, reason) in &self.unreadable {
                let _ = writeln!(text, "  {file}: {reason}");
            }
        }
        if !self.gone.is_empty() {
            text.push_str("approved, without a file:\n");
            for id in &self.gone {
                let _ = writeln!(text, "  {id}");
            }
        }
        text.push_str(&self.advice(lock));
        text
    }

    fn advice(&self, lock: &Path) -> String {
        let mut parts = Vec::new();
        if self.awaiting.is_empty() {
            let s = if self.approved == 1 { "" } else { "s" };
            parts.push(format!(
                "nothing awaits approval: {} plugin{s} as approved in {}",
                self.approved,
                lock.display()
            ));
        } else {
            parts.push(
                "see what changed, and approve: `cofferdam approve PLUGIN`, or all with --all".to_owned(),
            );
        }
        if !self.gone.is_empty() {
            parts.push("forget those without a file: `cofferdam approve --prune`".to_owned());
        }
        parts.join("\n")
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let awaiting = self.awaiting.iter().map(|Awaiting { id, file, approved, found }| {
            json!({ "plugin": id.as_str(), "file": file, "approved": approved, "found": found })
        });
        let unreadable =
            self.unreadable.iter().map(|(file, reason)| json!({ "file": file, "reason": reason }));
        json!({
            "awaiting": awaiting.collect::<Vec<_>>(),
            "refused": unreadable.collect::<Vec<_>>(),
            "gone": self.gone.iter().map(PluginId::as_str).collect::<Vec<_>>(),
            "approved": self.approved,
        })
    }
}

/// The files of the plugins directory, as the host would find them.
pub(super) fn candidates(config: &Config) -> Result<Vec<Candidate>, Failure> {
    let directory = &config.plugins_dir;
    load::candidates(directory, &config.load).map_err(|error| {
        let message = format!(
            "can't read the plugins directory {}: {error}; name it with --plugins",
            directory.display()
        );
        Failure::new(Exit::Environment, message)
    })
}

/// Enough of a digest to tell it from others.
fn begin(digest: &str) -> String {
    let begin: String = digest.chars().take(12).collect();
    format!("{begin}…")
}

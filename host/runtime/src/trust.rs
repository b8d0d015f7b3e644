//! Which plugins may come into service: whatever loads, what the operator approved, or what a trusted key signed.
//!
//! Judges the bytes before anything is compiled, and what the plugin says of itself once it has said it.
//! What is held back is quarantined: nothing of it runs for a client, and the version that served before goes on.
//! Nothing here reads a plugin, and nothing approves one but [`Lock::approve`].

pub mod lock;
pub mod signatures;

use std::{path::Path, sync::Arc};

use cofferdam_policy::PluginId;

pub use self::{
    lock::{Lock, LockError},
    signatures::{SignatureError, Signatures},
};
use crate::{
    difference::{Difference, Surface},
    error::LoadError,
    plugin::Plugin,
};

/// Who decides which plugins may come into service.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// Nobody: whatever loads.
    #[default]
    Open,
    /// The lock file. One that can't be read approves of nothing.
    Lock(Arc<Result<Lock, LockError>>),
    /// Whoever holds one of these keys.
    Signed(Arc<Signatures>),
}

/// Why a plugin that may well be good is held back until the operator has decided.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Quarantine {
    /// Not in the lock.
    #[error("the plugin isn't approved: run `cofferdam approve {plugin}`")]
    NotApproved {
        /// Its id.
        plugin: String,
    },
    /// In the lock, with other bytes.
    #[error(
        "the file differs from what was approved (approved sha256 {approved}…, found {found}…): run `cofferdam approve {plugin}`"
    )]
    OtherBytes {
        /// Its id.
        plugin: String,
        /// The beginning of the digest that was approved.
        approved: String,
        /// The beginning of the file's digest.
        found: String,
    },
    /// The approved bytes, which say something else of themselves.
    #[error(
        "the file is the approved one, but what it says of its tools is not what was approved ({summary}): run `cofferdam approve {plugin}`; if that doesn't last, the plugin says something else each time, and can't be pinned"
    )]
    OtherSurface {
        /// Its id.
        plugin: String,
        /// What differs.
        summary: String,
    },
    /// There is a lock, and it says nothing that could be relied on.
    #[error("nothing is approved, because cofferdam.lock can't be used: {cause}")]
    NoLock {
        /// Why not, and what to do.
        cause: String,
    },
    /// Not signed as it has to be.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Trust {
    /// Judges a plugin's bytes, before anything is made of them. `digest` is theirs, `file` is where they were
    /// read, and `signature` is what [`Trust::signature`] gave for it.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if they may not come into service.
    pub fn judge_bytes(
        &self,
        id: &PluginId,
        file: &Path,
        bytes: &[u8],
        digest: &str,
        signature: Option<&str>,
    ) -> Result<(), LoadError> {
        match self {
            Self::Open => Ok(()),
            Self::Lock(lock) => usable(lock)?.judge_bytes(id, digest),
            Self::Signed(signatures) => signatures.verify(file, bytes, signature),
        }
    }

    /// Judges what a plugin says of itself, before it serves.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if it may not come into service.
    pub fn judge_surface(&self, id: &PluginId, plugin: &Plugin) -> Result<(), LoadError> {
        match self {
            Self::Lock(lock) => usable(lock)?.judge_surface(id, &Surface::of(plugin)),
            // A signature is of the bytes, and whoever signed them answers for what they say.
            Self::Open | Self::Signed(_) => Ok(()),
        }
    }

    /// Judges a version that served before, and is to serve again.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if it may not.
    pub(crate) fn judge_recalled(&self, id: &PluginId, plugin: &Plugin) -> Result<(), LoadError> {
        match self {
            Self::Lock(lock) => usable(lock)?.judge_bytes(id, &plugin.digest)?,
            // It was signed when it came; what served under other keys is forgotten with them.
            Self::Open | Self::Signed(_) => {}
        }
        self.judge_surface(id, plugin)
    }

    /// Whether this is the very same trust: not just an equal one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open, Self::Open) => true,
            (Self::Lock(this), Self::Lock(other)) => Arc::ptr_eq(this, other),
            (Self::Signed(this), Self::Signed(other)) => Arc::ptr_eq(this, other),
            _ => false,
        }
    }

    /// The signature beside `file`, if one is asked for and there is one.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if there is something that can't be read as one.
    pub fn signature(&self, file: &Path) -> Result<Option<String>, LoadError> {
        match self {
            Self::Signed(_) => signatures::read(file),
            Self::Open | Self::Lock(_) => Ok(None),
        }
    }
}

fn usable(lock: &Result<Lock, LockError>) -> Result<&Lock, Quarantine> {
    lock.as_ref().map_err(|error| Quarantine::NoLock { cause: error.to_string() })
}

impl Lock {
    /// Judges the bytes of a plugin by their digest.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if the plugin isn't in the lock, or with other bytes.
    pub fn judge_bytes(&self, id: &PluginId, digest: &str) -> Result<(), LoadError> {
        let approved = self.approved(id)?;
        if approved.digest == digest {
            return Ok(());
        }
        let begin = |digest: &str| digest.chars().take(12).collect();
        Err(Quarantine::OtherBytes {
            plugin: id.to_string(),
            approved: begin(&approved.digest),
            found: begin(digest),
        }
        .into())
    }

    /// Judges what a plugin says of itself.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] if the plugin isn't in the lock, or with anything else.
    pub fn judge_surface(&self, id: &PluginId, surface: &Surface) -> Result<(), LoadError> {
        let approved = self.approved(id)?;
        if approved.surface == *surface {
            return Ok(());
        }
        let summary = Difference::between(&approved.surface, surface).summary();
        Err(Quarantine::OtherSurface { plugin: id.to_string(), summary }.into())
    }

    fn approved(&self, id: &PluginId) -> Result<&lock::Approved, Quarantine> {
        self.get(id).ok_or_else(|| Quarantine::NotApproved { plugin: id.to_string() })
    }
}

#[cfg(test)]
mod tests;

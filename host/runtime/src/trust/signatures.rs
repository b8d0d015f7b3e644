//! Signatures in the format of minisign: `NAME.wasm.minisig` beside `NAME.wasm`.
//!
//! Only pre-hashed signatures count, which minisign makes since its version 0.10 without being asked.
//! A signature says which file it is of (`file:NAME.wasm` in its trusted comment), so that the file of one plugin
//! doesn't pass under the name of another. It says nothing of versions: an old file with its old signature is still
//! signed. Who wants one version and no other uses the lock.

use std::{
    fs::OpenOptions,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::Engine as _;
use cofferdam_capabilities::sanitize;
use minisign_verify::{Error, PublicKey, Signature};

use super::Quarantine;
use crate::error::LoadError;

/// Larger than any signature.
const MAX: u64 = 8 << 10;

/// The keys that are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    keys: Vec<PublicKey>,
}

/// A key that can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// None at all.
    #[error("no key is trusted, so no signature could be good; expected at least one")]
    None,
    /// Not a key.
    #[error(
        "trusted key {number} ({found:?}) is not a minisign public key: expected the last line of a .pub file, 56 characters that start with RW"
    )]
    Invalid {
        /// Which one, from 1.
        number: usize,
        /// Its beginning.
        found: String,
    },
}

/// Why a signature is not good.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the plugin isn't signed: expected {file}.minisig beside it; sign it with `minisign -Sm {file}`")]
    Missing {
        /// The plugin's file.
        file: String,
    },
    /// There is something else.
    #[error(
        "{file}.minisig is not a minisign signature ({cause}); sign the plugin again with `minisign -Sm {file}`"
    )]
    Unreadable {
        /// The plugin's file.
        file: String,
        /// What it is.
        cause: String,
    },
    /// Made before signatures were of a hash.
    #[error(
        "{file}.minisig is a signature in minisign's legacy format; sign the plugin again with minisign 0.10 or newer, or with `-H`"
    )]
    Legacy {
        /// The plugin's file.
        file: String,
    },
    /// By a key that isn't trusted.
    #[error(
        "{file}.minisig is by the key {key}, which is none of `trusted_keys`; sign the plugin with one of those, or add this key under [plugins] in cofferdam.toml if you trust its holder"
    )]
    UnknownKey {
        /// The plugin's file.
        file: String,
        /// The key's id, as minisign shows it.
        key: String,
    },
    /// By a trusted key, and not of these bytes.
    #[error(
        "{file}.minisig doesn't fit the file: one of the two was changed or replaced; put both here as they were signed, or sign the plugin again"
    )]
    Wrong {
        /// The plugin's file.
        file: String,
    },
    /// Of these bytes, under another name.
    #[error(
        "{file}.minisig is the signature of a file called {signed:?}; give the file that name, or sign it as {file}"
    )]
    OtherFile {
        /// The plugin's file.
        file: String,
        /// The name that was signed.
        signed: String,
    },
}

impl From<SignatureError> for LoadError {
    fn from(error: SignatureError) -> Self {
        Quarantine::from(error).into()
    }
}

impl Signatures {
    /// Trusts these keys, each the base64 line of a minisign public key.
    ///
    /// # Errors
    /// [`KeyError`] for the first one that is none, or if there are none.
    pub fn new(keys: &[String]) -> Result<Self, KeyError> {
        if keys.is_empty() {
            return Err(KeyError::None);
        }
        let key = |(index, text): (usize, &String)| {
            PublicKey::from_base64(text.trim())
                .map_err(|_| KeyError::Invalid { number: index + 1, found: sanitize::line(text, 60) })
        };
        Ok(Self { keys: keys.iter().enumerate().map(key).collect::<Result<_, _>>()? })
    }

    /// Verifies that `text` is a signature of these bytes, under the name of `file`, by a key that is trusted.
    ///
    /// # Errors
    /// [`LoadError::Quarantined`] with what is wrong with it.
    pub fn verify(&self, file: &Path, bytes: &[u8], text: Option<&str>) -> Result<(), LoadError> {
        Ok(self.verified(&name(file), bytes, text)?)
    }

    fn verified(&self, file: &str, bytes: &[u8], text: Option<&str>) -> Result<(), SignatureError> {
        let text = text.ok_or_else(|| SignatureError::Missing { file: file.to_owned() })?;
        let signature = Signature::decode(text).map_err(|error| unreadable(file, error.to_string()))?;
        let mut problem = SignatureError::UnknownKey { file: file.to_owned(), key: key_id(text) };
        for key in &self.keys {
            // Two keys may have one id, which is no part of what is secret: each one is tried.
            match key.verify(bytes, &signature, false) {
                Ok(()) => return of_file(file, signature.trusted_comment()),
                Err(Error::UnexpectedKeyId) => {}
                Err(Error::UnexpectedAlgorithm) => {
                    problem = SignatureError::Legacy { file: file.to_owned() };
                }
                Err(_) => problem = SignatureError::Wrong { file: file.to_owned() },
            }
        }
        Err(problem)
    }
}

/// Where the signature of a plugin's file is.
#[must_use]
pub fn path(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".minisig");
    path.into()
}

/// The signature beside `file`; none if there is none.
///
/// # Errors
/// [`LoadError::Quarantined`] if there is something that can't be read as one.
pub fn read(file: &Path) -> Result<Option<String>, LoadError> {
    match text(&path(file)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&name(file), error.to_string()).into()),
    }
}

fn text(path: &Path) -> io::Result<String> {
    // A pipe would block on open.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    file.take(MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX {
        return Err(io::Error::other(format!("it is larger than {MAX} bytes")));
    }
    Ok(text)
}

fn name(file: &Path) -> String {
    sanitize::line(&file.file_name().unwrap_or_default().to_string_lossy(), 255)
}

fn unreadable(file: &str, cause: String) -> SignatureError {
    SignatureError::Unreadable { file: file.to_owned(), cause }
}

/// Whether the comment, which is signed as well, names this file or none.
fn of_file(file: &str, comment: &str) -> Result<(), SignatureError> {
    let named = comment.split_whitespace().filter_map(|field| field.strip_prefix("file:"));
    // Whoever signed may have named a path; only its last part lasts.
    let mut others = named.filter(|named| named.rsplit('/').next() != Some(file));
    match others.next() {
        None => Ok(()),
        Some(other) => {
            let signed = sanitize::line(other, 80);
            Err(SignatureError::OtherFile { file: file.to_owned(), signed })
        }
    }
}

/// The id of the key, as minisign writes it into the comments of its files.
fn key_id(signature: &str) -> String {
    let line = signature.lines().nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::STANDARD.decode(line).unwrap_or_default();
    // Two bytes of algorithm, and eight of the id, the least significant one first.
    bytes.iter().skip(2).take(8).rev().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests;

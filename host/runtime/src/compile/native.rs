//! Where bytes become native code of this process. The only `unsafe` of the sandbox is here.
//!
//! Invariant: an [`Artefact`] was made by our own compiler, in this run ([`compile`], [`super::spawn`]) or in an
//! earlier one whose result carries our own mark ([`super::cache`]). Only these three make one, and its bytes
//! are in memory that nobody else can write: what was verified is what is loaded.

use wasmtime::{Engine, component::Component};

use super::CompileError;
use crate::pages::Pages;

/// Native code that our own compiler made.
pub(super) struct Artefact {
    pages: Pages,
    /// What stands before it.
    skipped: usize,
}

impl Artefact {
    /// What a compiler process of ours wrote, or what the cache vouches for: all behind the first `skipped` bytes.
    /// Nothing else may come here.
    pub(super) fn vouched(pages: Pages, skipped: usize) -> Self {
        Self { pages, skipped }
    }

    /// Its bytes, to be kept.
    pub(super) fn bytes(&self) -> &[u8] {
        self.pages.get(self.skipped..).unwrap_or_default()
    }
}

/// Compiles in this process.
pub(super) fn compile(engine: &Engine, component: &[u8]) -> Result<Artefact, CompileError> {
    let native = engine.precompile_component(component).map_err(|error| CompileError::invalid(&error))?;
    let pages = Pages::read(&mut native.as_slice(), native.len() as u64);
    Ok(Artefact::vouched(pages.map_err(|error| CompileError::Internal(error.to_string()))?, 0))
}

/// Loads native code.
///
/// The engine refuses what needs more than its pool has for one component, and what was compiled for another engine
/// or processor.
pub(super) fn component(engine: &Engine, artefact: &Artefact) -> Result<Component, CompileError> {
    #[expect(
        unsafe_code,
        clippy::disallowed_methods,
        reason = "this is the one place that loads native code"
    )]
    // SAFETY: `deserialize` demands bytes that `precompile_component` made, unmodified. That is the invariant
    // of `Artefact`, whose constructors are called in this folder only.
    let loaded = unsafe { Component::deserialize(engine, artefact.bytes()) };
    loaded.map_err(|error| CompileError::invalid(&error))
}

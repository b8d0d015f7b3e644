//! Where bytes become native code of this process. The only `unsafe` of the sandbox is here.
//!
//! Invariant: an [`Artefact`] was made by our own compiler, in this run ([`compile`], [`super::spawn`]) or in an
//! earlier one whose result carries our own mark ([`super::cache`]). Only these three make one, and its bytes
//! are in memory that nobody else can write: what was verified is what is loaded.

use wasmtime::{Engine, component::Component};

use super::CompileError;

/// Native code that our own compiler made.
pub(super) struct Artefact(Vec<u8>);

impl Artefact {
    /// What a compiler process of ours wrote, or what the cache vouches for. Nothing else may come here.
    pub(super) fn vouched(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Compiles in this process.
pub(super) fn compile(engine: &Engine, component: &[u8]) -> Result<Artefact, CompileError> {
    engine.precompile_component(component).map(Artefact).map_err(|error| CompileError::invalid(&error))
}

/// Loads native code.
///
/// An artefact of another version of the engine, or for another processor, is refused by the engine.
pub(super) fn component(engine: &Engine, artefact: &Artefact) -> Result<Component, CompileError> {
    #[expect(
        unsafe_code,
        clippy::disallowed_methods,
        reason = "this is the one place that loads native code"
    )]
    // SAFETY: `deserialize` demands bytes that `precompile_component` made, unmodified. That is the invariant
    // of `Artefact`, whose constructors are called in this folder only.
    let loaded = unsafe { Component::deserialize(engine, artefact.bytes()) };
    loaded.map_err(|error| CompileError::Internal(format!("the compiled code can't be loaded: {error:#}")))
}

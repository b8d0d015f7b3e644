//! Guest programs: every file of `guests/rust` and `guests/wat`, as the component that it becomes.
//!
//! [`Limits`], [`Sandbox`] and so on name them, one variant per file, written by `build.rs`.

mod beside;
pub mod bombs;
pub mod described;
mod rust;
pub mod versions;
pub mod wat;
pub mod wit;

include!(concat!(env!("OUT_DIR"), "/guests.rs"));

/// One guest program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guest {
    /// The stem of its file.
    pub name: &'static str,
    /// What it is written in.
    pub source: Source,
}

/// What a guest is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The SDK; built by cargo.
    Rust,
    /// WebAssembly text: the parts of a core module that differ from those of `wat/plain.wat`.
    Wat(&'static str),
}

impl Guest {
    /// The guest as a component.
    #[must_use]
    pub fn component(self) -> Vec<u8> {
        match self.source {
            Source::Rust => rust::component(self.name),
            Source::Wat(text) => wat::component(text),
        }
    }
}

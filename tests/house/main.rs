//! The house itself: who may know whom, and how large a file may be. What `ARCHITECTURE.md` promises, checked.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod dependencies;
mod files;
mod threats;

//! The WIT on one side, plain types on the other: one module per ABI version track.
//!
//! Nothing outside this module names a generated type. A new track gets a module of its own that converts to
//! the same plain types; old ones stay as they are. Beside them, `wasi` puts standard interfaces in front of the
//! same services.

pub(crate) mod v0_1;
pub(crate) mod wasi;

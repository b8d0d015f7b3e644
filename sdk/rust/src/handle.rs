//! Handles: what a tool asks the host for, by naming it as a parameter.

#[cfg(target_arch = "wasm32")]
pub use crate::guest::Scope;
#[cfg(target_arch = "wasm32")]
pub(crate) use crate::guest::{Connection, Cursor, Lease, OpenTransaction};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::mock::Scope;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::mock::{Connection, Cursor, Lease, OpenTransaction};

/// A parameter of a tool that comes from the host, not from the caller.
///
/// The first parameter of a tool is its arguments; every other one is a handle.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a handle",
    label = "expected a handle, such as `Call` or `Config`",
    note = "a tool's first parameter is its arguments, all of them in one struct; the other parameters are handles"
)]
pub trait Handle: Sized {
    /// Open the handle within the running call.
    #[doc(hidden)]
    fn open(scope: &Scope) -> Self;
}

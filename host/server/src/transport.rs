//! How messages come and go: stdio and streamable HTTP. Nothing here knows a tool.

pub(crate) mod http;
pub(crate) mod stdio;

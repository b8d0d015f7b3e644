//! Logs, on stderr and never on stdout: one line per event, readable on a terminal, JSON elsewhere.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// Starts logging at `level`, a filter such as `info` or `debug,rmcp=warn`. A second call does nothing.
pub(crate) fn start(level: &str, format: Format) {
    let terminal = std::io::stderr().is_terminal();
    // The library logs every request at info, and every mistake of a client as a warning.
    let filter = EnvFilter::builder().parse_lossy(format!("rmcp=warn,rmcp::service=error,{level}"));
    let json = format == Format::Json || (format == Format::Auto && !terminal);
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(terminal);
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only if logging was started before: then it goes on as it was.
    let _ = if json {
        registry.with(layer.json().flatten_event(true)).try_init()
    } else {
        registry.with(layer.with_target(false).compact()).try_init()
    };
}

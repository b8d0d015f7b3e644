//! Logs, on stderr and never on stdout: one line per event, readable on a terminal, JSON elsewhere.
//!
//! A host that serves also keeps the last events in memory, for an operator who asks: see [`Ring`].

mod layer;
mod ring;

use std::io::IsTerminal as _;

use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter, Targets},
    fmt,
    prelude::*,
};

pub(crate) use self::ring::{Batch, Event, Reader, Ring};

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

/// The library logs every request at info, and every mistake of a client as a warning.
const QUIET: [(&str, LevelFilter); 2] = [("rmcp", LevelFilter::WARN), ("rmcp::service", LevelFilter::ERROR)];

/// Starts logging at `level`, a filter such as `info` or `debug,rmcp=warn`. A second call does nothing.
///
/// The `ring`, if there is one, gets what stderr gets, and everything from info on.
pub(crate) fn start(level: &str, format: Format, ring: Option<Ring>) {
    let terminal = std::io::stderr().is_terminal();
    let json = format == Format::Json || (format == Format::Auto && !terminal);
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(terminal);
    let shown = if json {
        layer.json().flatten_event(true).with_filter(configured(level)).boxed()
    } else {
        layer.with_target(false).compact().with_filter(configured(level)).boxed()
    };
    let at_least = Targets::new().with_default(LevelFilter::INFO).with_targets(QUIET);
    let kept = ring.map(|ring| ring.with_filter(at_least.or(configured(level))));
    // Fails only if logging was started before: then it goes on as it was.
    let _ = tracing_subscriber::registry().with(shown).with(kept).try_init();
}

fn configured(level: &str) -> EnvFilter {
    let quiet: Vec<_> = QUIET.iter().map(|(target, level)| format!("{target}={level},")).collect();
    EnvFilter::builder().parse_lossy(format!("{}{level}", quiet.concat()))
}

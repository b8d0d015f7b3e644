//! A host's answers in words and in columns, for a terminal.

use std::{fmt::Write as _, time::Duration};

use cofferdam_runtime::capabilities::sanitize;
use jiff::Timestamp;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::admin::wire::{Plugin, State};

/// Columns of a terminal that nobody has made wider.
const WIDTH: usize = 100;
/// Between two columns.
const GAP: usize = 2;
/// What of a name is shown in any case.
const NAME: usize = 8;

const HEAD: [&str; 10] =
    ["PLUGIN", "STATE", "DIGEST", "GEN", "TOOLS", "CALLS", "ERRORS", "P50", "P95", "SINCE"];
/// Numbers stand right in their columns, words left.
const WORDS: usize = 3;

type Row = [String; HEAD.len()];

/// All plugins in columns, and below what is to be known of those that don't serve what is in their file.
pub(in crate::cli) struct Table<'a> {
    /// What came of each file.
    pub(in crate::cli) plugins: &'a [Plugin],
    /// For how long each has served is told by this clock.
    pub(in crate::cli) now: Timestamp,
}

impl std::fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.plugins.is_empty() {
            return f.write_str("no plugins: put a .wasm file into the plugins directory\n");
        }
        f.write_str(&columns(self.plugins.iter().map(|plugin| row(plugin, self.now)).collect()))?;
        f.write_str(&remarks(self.plugins))
    }
}

fn row(plugin: &Plugin, now: Timestamp) -> Row {
    let version = plugin.serving.as_ref();
    let of_version = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let latency = |ms: Option<f64>| ms.map_or_else(|| "-".to_owned(), latency);
    [
        sanitize::line(&plugin.id, 200),
        word(plugin.state).to_owned(),
        of_version(version.map(|version| digest(&version.digest).to_owned())),
        of_version(version.map(|version| version.generation.to_string())),
        of_version(version.map(|version| version.tools.len().to_string())),
        count(plugin.calls),
        count(plugin.errors),
        latency(plugin.p50_ms),
        latency(plugin.p95_ms),
        of_version(version.map(|version| age(version.since, now))),
    ]
}

fn columns(mut rows: Vec<Row>) -> String {
    rows.insert(0, HEAD.map(str::to_owned));
    let mut widths = [0; HEAD.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let [name, others @ ..] = &mut widths;
    *name = (*name).min(WIDTH.saturating_sub(others.iter().map(|width| width + GAP).sum())).max(NAME);
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            let cell = shortened(cell, width);
            let room = " ".repeat(width - cell.width());
            let gap = " ".repeat(if index == 0 { 0 } else { GAP });
            let _ = if index < WORDS {
                write!(line, "{gap}{cell}{room}")
            } else {
                write!(line, "{gap}{room}{cell}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// At most `width` columns of a text.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = width.saturating_sub(1);
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.width().unwrap_or(0)) else { break };
        left = rest;
        short.push(c);
    }
    short + "…"
}

/// What is to be known of plugins that don't serve what is in their file, and what to do.
fn remarks(plugins: &[Plugin]) -> String {
    let mut text = String::new();
    for plugin in plugins {
        let name = sanitize::line(&plugin.id, 200);
        let said = match (plugin.state, plugin.refused.as_deref()) {
            (State::Refused, reason) => {
                format!("{name} is refused: {}", reason.unwrap_or("nobody knows why"))
            }
            (State::Outdated, Some(reason)) => format!(
                "{name} serves an earlier version, since what is in its file is refused: {reason}\n\
                 put a good file in its place; `cofferdam history {name}` shows what differs"
            ),
            (State::RolledBack, _) => {
                format!("{name} serves an earlier version, until its file changes or the host restarts")
            }
            // Its code serves, and yet something of it was refused: its new limits or names.
            (_, Some(reason)) => format!("{name} goes on as it was, since a change was refused: {reason}"),
            (_, None) => continue,
        };
        text.push('\n');
        text.push_str(&paragraph(&said));
    }
    text
}

/// A paragraph with all but its first line indented; safe to show.
pub(in crate::cli) fn paragraph(text: &str) -> String {
    sanitize::lines(text, 16_000).trim_end().replace('\n', "\n  ") + "\n"
}

/// Lines, each indented, safe to show.
pub(in crate::cli) fn indented(text: &str, indent: &str) -> String {
    sanitize::lines(text, 1 << 20).lines().map(|line| format!("{indent}{line}\n")).collect()
}

/// A state in words.
fn word(state: State) -> &'static str {
    match state {
        State::Serving => "serving",
        State::Outdated => "outdated",
        State::RolledBack => "rolled back",
        State::Refused => "refused",
        State::Staging => "staging",
    }
}

/// So much of a digest as people compare.
pub(in crate::cli) fn digest(digest: &str) -> &str {
    let hexadecimal = digest.strip_prefix("sha256:").unwrap_or(digest);
    hexadecimal.get(..12).unwrap_or(hexadecimal)
}

/// A point in time, to the second, as the host's log says it.
pub(in crate::cli) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// In four characters or so.
fn latency(ms: f64) -> String {
    match ms {
        ..0.9995 => format!("{:.0}µs", ms * 1e3),
        ..9.95 => format!("{ms:.1}ms"),
        ..999.5 => format!("{ms:.0}ms"),
        ..9_950.0 => format!("{:.1}s", ms / 1e3),
        _ => format!("{:.0}s", ms / 1e3),
    }
}

fn count(number: u64) -> String {
    match number {
        0..100_000 => number.to_string(),
        100_000..10_000_000 => format!("{}k", number / 1_000),
        _ => format!("{}M", number / 1_000_000),
    }
}

fn age(since: Timestamp, now: Timestamp) -> String {
    // A clock that was set back is no reason for a negative age.
    let elapsed = Duration::try_from(now.duration_since(since)).unwrap_or_default().as_secs();
    match elapsed {
        0..60 => format!("{elapsed}s"),
        60..3_600 => format!("{}m", elapsed / 60),
        3_600..86_400 => format!("{}h", elapsed / 3_600),
        _ => format!("{}d", elapsed / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::wire::Version;

    fn plugin(id: &str, state: State) -> Plugin {
        Plugin {
            id: id.into(),
            file: format!("/plugins/{id}.wasm"),
            state,
            serving: None,
            refused: None,
            calls: 0,
            errors: 0,
            running: 0,
            p50_ms: None,
            p95_ms: None,
        }
    }

    fn serving(id: &str) -> Plugin {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        let tools = vec!["a_one".into(), "a_two".into()];
        let version =
            Version { digest, generation: 3, size: 9, tools, since: "2026-11-20T10:00:00Z".parse().unwrap() };
        Plugin {
            serving: Some(version),
            calls: 1_234,
            errors: 7,
            p50_ms: Some(0.25),
            p95_ms: Some(12.4),
            ..plugin(id, State::Serving)
        }
    }

    fn table(plugins: &[Plugin]) -> String {
        Table { plugins, now: "2026-11-20T12:30:00Z".parse().unwrap() }.to_string()
    }

    #[test]
    fn plugins_are_shown_in_columns_and_what_is_refused_below() {
        let refused = Some("not a component\nrebuild it".to_owned());
        let shown = table(&[
            serving("text"),
            Plugin { refused: refused.clone(), ..plugin("bad", State::Refused) },
            Plugin { refused, state: State::Outdated, ..serving("old") },
        ]);
        assert_eq!(
            shown,
            "PLUGIN    STATE     DIGEST        GEN  TOOLS  CALLS  ERRORS    P50   P95  SINCE\n\
             text      serving   0123456789ab    3      2   1234       7  250µs  12ms     2h\n\
             bad       refused   -               -      -      0       0      -     -      -\n\
             old       outdated  0123456789ab    3      2   1234       7  250µs  12ms     2h\n\
             \n\
             bad is refused: not a component\n  rebuild it\n\
             \n\
             old serves an earlier version, since what is in its file is refused: not a component\n  rebuild it\n  \
             put a good file in its place; `cofferdam history old` shows what differs\n"
        );
    }

    #[test]
    fn a_table_is_no_wider_than_a_terminal_whatever_a_file_is_called() {
        let mut long = serving(&"名".repeat(80));
        long.calls = u64::MAX;
        long.errors = 99_999;
        long.state = State::RolledBack;
        let shown = table(&[long, plugin("a\u{1b}[2J\u{202e}\nb", State::Staging)]);
        for line in shown.lines().take(3) {
            assert!(line.width() <= WIDTH, "{}: {line}", line.width());
        }
        assert!(shown.contains("名…  ") && shown.contains("\na[2J b "), "{shown}");
    }

    #[test]
    fn an_empty_folder_is_no_table() {
        assert_eq!(table(&[]), "no plugins: put a .wasm file into the plugins directory\n");
    }

    #[test]
    fn figures_take_little_room() {
        for (ms, shown) in [
            (0.001, "1µs"),
            (0.9994, "999µs"),
            (0.9996, "1.0ms"),
            (9.94, "9.9ms"),
            (9.96, "10ms"),
            (999.4, "999ms"),
            (999.6, "1.0s"),
            (12_000.0, "12s"),
        ] {
            assert_eq!(latency(ms), shown, "{ms}");
        }
        for (number, shown) in [(0, "0"), (99_999, "99999"), (100_000, "100k"), (12_345_678, "12M")] {
            assert_eq!(count(number), shown);
        }
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (since, shown) in [
            ("2026-11-20T12:00:05Z", "0s"),
            ("2026-11-20T11:59:01Z", "59s"),
            ("2026-11-20T11:00:01Z", "59m"),
            ("2026-11-19T12:00:01Z", "23h"),
            ("2026-11-01T12:00:00Z", "19d"),
        ] {
            assert_eq!(age(since.parse().unwrap(), now), shown, "{since}");
        }
        assert_eq!(instant(now), "2026-11-20T12:00:00Z");
    }
}

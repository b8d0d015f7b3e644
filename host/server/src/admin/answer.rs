//! The runtime's answers, as they go over the wire.

use std::{collections::BTreeMap, time::Duration};

use cofferdam_runtime::{LoadError, capabilities::sanitize, control, difference::Difference};
use jiff::{Timestamp, Unit};
use serde_json::Value;

use super::wire;
use crate::telemetry;

/// Longest reason for a refusal.
const REASON: usize = 4_000;

/// What came of each file.
pub(super) fn plugins(statuses: Vec<control::Status>) -> Vec<wire::Plugin> {
    statuses.into_iter().map(plugin).collect()
}

fn plugin(status: control::Status) -> wire::Plugin {
    let figures = status.figures;
    wire::Plugin {
        id: status.id,
        file: status.file.to_string_lossy().into_owned(),
        state: state(status.state),
        serving: status.serving.map(version),
        refused: status.refused.as_deref().map(reason),
        calls: figures.calls,
        errors: figures.errors,
        running: figures.running,
        p50_ms: figures.p50.map(milliseconds),
        p95_ms: figures.p95.map(milliseconds),
    }
}

fn state(state: control::State) -> wire::State {
    match state {
        control::State::Serving => wire::State::Serving,
        control::State::Outdated => wire::State::Outdated,
        control::State::RolledBack => wire::State::RolledBack,
        control::State::Refused => wire::State::Refused,
        control::State::Staging => wire::State::Staging,
    }
}

/// One version.
pub(super) fn version(version: control::Version) -> wire::Version {
    wire::Version {
        digest: digest(&version.digest),
        generation: version.generation,
        size: version.size,
        tools: version.tools,
        since: timestamp(version.since),
    }
}

/// What happened to a plugin.
pub(super) fn change(change: control::Change) -> wire::Change {
    let event = match change.event {
        control::Event::Loaded { version: loaded, difference: to } => {
            wire::Event::Loaded { version: version(loaded), difference: to.as_ref().map(difference) }
        }
        control::Event::Refused { digest: of, reason: why } => {
            wire::Event::Refused { digest: of.as_deref().map(digest), reason: reason(&why) }
        }
        control::Event::RolledBack { version: to, difference: made } => {
            wire::Event::RolledBack { version: version(to), difference: difference(&made) }
        }
        control::Event::PolicyChanged => wire::Event::PolicyChanged,
        control::Event::Removed => wire::Event::Removed,
    };
    wire::Change { at: timestamp(change.at), event }
}

fn difference(difference: &Difference) -> wire::Difference {
    wire::Difference {
        summary: difference.summary(),
        text: difference.to_string(),
        detail: serde_json::to_value(difference).unwrap_or(Value::Null),
    }
}

/// What differs between two answers about all files: what serves, and what is refused.
pub(super) fn changes(before: &[wire::Plugin], now: &[wire::Plugin]) -> Vec<wire::Changed> {
    let mut all: BTreeMap<&str, (Option<&wire::Plugin>, Option<&wire::Plugin>)> = BTreeMap::new();
    for plugin in before {
        all.entry(&plugin.id).or_default().0 = Some(plugin);
    }
    for plugin in now {
        all.entry(&plugin.id).or_default().1 = Some(plugin);
    }
    all.into_iter().filter_map(|(id, (before, now))| changed(id, before, now)).collect()
}

fn changed(id: &str, before: Option<&wire::Plugin>, now: Option<&wire::Plugin>) -> Option<wire::Changed> {
    let serves = |plugin: Option<&wire::Plugin>| Some(plugin?.serving.as_ref()?.digest.clone());
    let refusal = |plugin: Option<&wire::Plugin>| plugin.and_then(|plugin| plugin.refused.clone());
    let changed = wire::Changed {
        plugin: id.to_owned(),
        before: serves(before),
        now: serves(now),
        refused: refusal(now).is_some() && refusal(now) != refusal(before),
    };
    (changed.before != changed.now || changed.refused).then_some(changed)
}

/// A line of the log.
pub(super) fn log_event(event: &telemetry::Event) -> wire::LogEvent {
    wire::LogEvent {
        timestamp: timestamp(event.at),
        level: event.level.to_string(),
        target: event.target.to_owned(),
        message: event.message.clone(),
        fields: event.fields.clone(),
    }
}

/// The words of a refusal; some of them are the guest's.
fn reason(error: &LoadError) -> String {
    sanitize::lines(&error.to_string(), REASON)
}

fn digest(hexadecimal: &str) -> String {
    format!("sha256:{hexadecimal}")
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// To the millisecond. A clock that no calendar covers is at its start.
fn timestamp(time: std::time::SystemTime) -> Timestamp {
    let exact = Timestamp::try_from(time).unwrap_or_default();
    exact.round(Unit::Millisecond).unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc, time::SystemTime};

    use cofferdam_runtime::Figures;
    use serde_json::json;

    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(milliseconds * 1_000 + 400)
    }

    fn some_version() -> control::Version {
        control::Version {
            digest: "ab".repeat(32),
            generation: 3,
            size: 7,
            tools: vec!["a_one".into()],
            since: at(1_700_000_000_123),
        }
    }

    fn status(id: &str, state: control::State) -> control::Status {
        control::Status {
            id: id.into(),
            file: PathBuf::from(format!("/plugins/{id}.wasm")),
            state,
            serving: None,
            refused: None,
            figures: Figures::default(),
        }
    }

    #[test]
    fn a_plugin_is_told_with_its_version_and_its_figures() {
        let (p50, p95) = (Some(Duration::from_micros(1_250)), Some(Duration::from_millis(20)));
        let figures = Figures { calls: 4, errors: 1, running: 2, p50, p95 };
        let serving = Some(some_version());
        let told = plugin(control::Status { serving, figures, ..status("a", control::State::RolledBack) });
        assert_eq!(
            serde_json::to_value(&told).unwrap(),
            json!({
                "id": "a", "file": "/plugins/a.wasm", "state": "rolledBack", "refused": null,
                "serving": {
                    "digest": format!("sha256:{}", "ab".repeat(32)), "generation": 3, "size": 7,
                    "tools": ["a_one"], "since": "2023-11-14T22:13:20.123Z",
                },
                "calls": 4, "errors": 1, "running": 2, "p50Ms": 1.25, "p95Ms": 20.0,
            })
        );
        assert_eq!(
            serde_json::from_value::<wire::Plugin>(serde_json::to_value(&told).unwrap()).unwrap(),
            told
        );
    }

    #[test]
    fn a_reason_can_t_command_a_terminal() {
        let refused = Some(Arc::new(LoadError::Exports("no \u{1b}[31mtools\nat all".into())));
        let told = plugin(control::Status { refused, ..status("a", control::State::Refused) });
        assert_eq!(told.refused.as_deref(), Some("no [31mtools\nat all"));
    }

    #[test]
    fn everything_that_happens_has_its_word() {
        let why = Arc::new(LoadError::NotAFile);
        let (none, some) = (None, Some(Difference::default()));
        for (event, word) in [
            (control::Event::Loaded { version: some_version(), difference: none }, "loaded"),
            (control::Event::Loaded { version: some_version(), difference: some }, "loaded"),
            (control::Event::Refused { digest: None, reason: why }, "refused"),
            (
                control::Event::RolledBack { version: some_version(), difference: Difference::default() },
                "rolledBack",
            ),
            (control::Event::PolicyChanged, "policyChanged"),
            (control::Event::Removed, "removed"),
        ] {
            let told = change(control::Change { at: at(0), event });
            let written = serde_json::to_value(&told).unwrap();
            assert_eq!((&written["event"], &written["at"]), (&json!(word), &json!("1970-01-01T00:00:00Z")));
            assert_eq!(serde_json::from_value::<wire::Change>(written).unwrap(), told);
        }
    }

    #[test]
    fn a_reload_says_what_it_changed_and_nothing_of_the_rest() {
        let serving = |id: &str, digest: &str| {
            let version = control::Version { digest: digest.into(), ..some_version() };
            plugin(control::Status { serving: Some(version), ..status(id, control::State::Serving) })
        };
        let refused = |id: &str, words: &str| wire::Plugin {
            refused: Some(words.into()),
            ..plugin(status(id, control::State::Refused))
        };
        let before =
            [serving("gone", "1"), serving("new-version", "1"), refused("bad", "x"), refused("worse", "x")];
        let now =
            [serving("came", "1"), serving("new-version", "2"), refused("bad", "x"), refused("worse", "y")];
        let digest = |of: Option<&str>| of.map(|of| format!("sha256:{of}"));
        let expected = [
            ("came", None, Some("1"), false),
            ("gone", Some("1"), None, false),
            ("new-version", Some("1"), Some("2"), false),
            ("worse", None, None, true),
        ];
        let expected = expected.map(|(plugin, before, now, refused)| wire::Changed {
            plugin: plugin.into(),
            before: digest(before),
            now: digest(now),
            refused,
        });
        assert_eq!(changes(&before, &now), expected);
        assert_eq!(changes(&now, &now), []);
    }
}

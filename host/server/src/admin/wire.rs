//! What goes over the admin socket: written by the host, read by the commands, and by people with `curl`.
//!
//! These are types of their own, so that the runtime's can change without them. Texts of plugins are shown
//! without what a terminal would obey only where that is said; a reader has to see to the rest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `GET /host`: which process answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Host {
    /// Its process id.
    pub(crate) pid: u32,
    /// The program's version.
    pub(crate) version: String,
    /// The directory of its plugins, absolute.
    pub(crate) plugins_dir: String,
    /// Where clients reach it: a URL, or `stdio`.
    pub(crate) serves: String,
    /// For how many seconds it has been up.
    pub(crate) uptime_seconds: u64,
    /// The operator's file, if there is one.
    pub(crate) config: Option<String>,
}

/// `GET /plugins`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plugins {
    /// What came of each file, sorted by id.
    pub(crate) plugins: Vec<Plugin>,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plugin {
    /// The plugin's id, or the file's stem if that is none.
    pub(crate) id: String,
    /// The file.
    pub(crate) file: String,
    /// In one word.
    pub(crate) state: State,
    /// The version that serves.
    pub(crate) serving: Option<Version>,
    /// Why the newest bytes of the file don't serve; safe to show.
    pub(crate) refused: Option<String>,
    /// Calls that ended, of all versions since the host started.
    pub(crate) calls: u64,
    /// Of these, those that ended with an error.
    pub(crate) errors: u64,
    /// Calls that run now.
    pub(crate) running: u64,
    /// The latency in milliseconds that half of the calls stayed within.
    pub(crate) p50_ms: Option<f64>,
    /// The latency in milliseconds that 95 of 100 calls stayed within.
    pub(crate) p95_ms: Option<f64>,
}

/// How a plugin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// What is in the file serves.
    Serving,
    /// An earlier version serves, since what is in the file was refused.
    Outdated,
    /// An earlier version serves, since the operator went back to it.
    RolledBack,
    /// Nothing serves.
    Refused,
    /// Nothing serves yet.
    Staging,
}

/// One version of a plugin; also the answer to `POST /plugins/{id}/rollback`: what serves now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// `sha256:` and the digest of the component in hexadecimal.
    pub(crate) digest: String,
    /// Counts the versions of this plugin that served since the host started, from 1.
    pub(crate) generation: u64,
    /// Size of the component in bytes.
    pub(crate) size: u64,
    /// Public names of its tools, sorted.
    pub(crate) tools: Vec<String>,
    /// Since when it serves.
    pub(crate) since: Timestamp,
}

/// `POST /reload`: what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// What differs from before, sorted by id.
    pub(crate) changes: Vec<Changed>,
    /// What came of each file, sorted by id.
    pub(crate) plugins: Vec<Plugin>,
}

/// What a reload did to one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    /// The plugin's id, or the file's stem if that is none.
    pub(crate) plugin: String,
    /// The digest that served before; none: nothing did.
    pub(crate) before: Option<String>,
    /// The digest that serves now; none: nothing does.
    pub(crate) now: Option<String>,
    /// Whether what is in the file is newly refused, or for another reason.
    pub(crate) refused: bool,
}

/// `GET /plugins/{id}/history`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    /// The plugin.
    pub(crate) plugin: String,
    /// What happened to it since the host started, oldest first.
    pub(crate) changes: Vec<Change>,
}

/// Something that happened to a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub(crate) event: Event,
}

/// What can happen to a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Event {
    /// A version serves that was in the file.
    Loaded {
        /// It.
        version: Version,
        /// To what served before; none: nothing did.
        difference: Option<Difference>,
    },
    /// What was in the file doesn't serve.
    Refused {
        /// The digest of its bytes, if they were read.
        digest: Option<String>,
        /// Why; safe to show.
        reason: String,
    },
    /// The operator went back to an earlier version.
    RolledBack {
        /// It.
        version: Version,
        /// To what served before.
        difference: Difference,
    },
    /// It serves under other limits, settings or names.
    PolicyChanged,
    /// Its file is gone, or the operator disabled it.
    Removed,
}

/// What differs between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Difference {
    /// In one line; safe to show.
    pub(crate) summary: String,
    /// In full, for people; safe to show.
    pub(crate) text: String,
    /// In full, for programs.
    pub(crate) detail: Value,
}

/// A line of `GET /logs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum LogLine {
    /// Something that was logged.
    Event(LogEvent),
    /// Lines that are missing here, since the reader was slower than the log.
    Skipped {
        /// How many.
        skipped: u64,
    },
}

/// Something that was logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LogEvent {
    /// When.
    pub(crate) timestamp: Timestamp,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub(crate) level: String,
    /// Which part of the program logged it.
    pub(crate) target: String,
    /// What happened.
    pub(crate) message: String,
    /// What is known of it.
    pub(crate) fields: Map<String, Value>,
}

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    /// It.
    pub(crate) error: Problem,
}

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// For programs.
    pub(crate) code: Code,
    /// For people.
    pub(crate) message: String,
}

/// What went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// A parameter doesn't parse.
    BadRequest,
    /// Nothing is served at this path.
    NotFound,
    /// Not with this method.
    MethodNotAllowed,
    /// No such plugin.
    UnknownPlugin,
    /// It has had one good version only.
    NoPrevious,
    /// The version before can't be loaded again.
    Gone,
    /// The host is ending.
    Ending,
    /// Something that this program doesn't know: the host is of another version.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_a_newer_host_is_still_one() {
        let problem: Failed =
            serde_json::from_str(r#"{"error":{"code":"out_of_luck","message":"try again"}}"#).unwrap();
        assert_eq!(problem.error, Problem { code: Code::Unknown, message: "try again".into() });
    }
}

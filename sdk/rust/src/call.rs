//! The handle `Call`: the running call, what came with it and what can be said while it runs.

use std::time::Duration;

use serde::Serialize;

use crate::handle::{Handle, Scope};
use crate::{JsonObject, Result, ToolError};

mod amount;

pub use amount::{Amount, Total};

/// The running call.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Files {
///     paths: Vec<String>,
/// }
///
/// /// The lengths of paths.
/// #[tool(read_only)]
/// fn lengths(files: Files, call: Call) -> Result<Vec<usize>> {
///     let mut lengths = Vec::new();
///     for (index, path) in files.paths.iter().enumerate() {
///         call.progress(index, files.paths.len())?; // `?` ends the work once the client has cancelled
///         lengths.push(path.len());
///     }
///     call.debug(format!("{} paths done", lengths.len()));
///     Ok(lengths)
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
pub struct Call {
    scope: Scope,
}

impl Call {
    /// The host's id for this call: it is in the host's logs too.
    #[must_use]
    pub fn id(&self) -> String {
        self.scope.id()
    }

    /// Tell the client how far the call is, and learn whether it still wants the result.
    ///
    /// `Err(ToolError::Cancelled)` once the client has cancelled. The host drops values that do not increase.
    pub fn progress(&self, done: impl Amount, total: impl Total) -> Result<()> {
        self.report(done.amount(), total.total(), None)
    }

    /// [`Call::progress`] with a few words for the person who waits.
    pub fn progress_with(
        &self,
        done: impl Amount,
        total: impl Total,
        message: impl AsRef<str>,
    ) -> Result<()> {
        self.report(done.amount(), total.total(), Some(message.as_ref()))
    }

    fn report(&self, done: f64, total: Option<f64>, message: Option<&str>) -> Result<()> {
        if self.is_cancelled() {
            return Err(ToolError::Cancelled);
        }
        self.scope.progress(done, total, message);
        Ok(())
    }

    /// The client no longer wants the result. The host ends the call soon after, whatever the tool does.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.scope.is_cancelled()
    }

    /// The time left until the call's deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.scope.remaining()
    }

    /// The program that called, as it describes itself: not verified. None if it doesn't.
    #[must_use]
    pub fn client(&self) -> Option<Client> {
        self.scope.client()
    }

    /// On whose behalf the call is made. None unless the host has checked a token.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        self.scope.principal()
    }

    /// The request's `_meta` without the protocol's own keys.
    #[must_use]
    pub fn meta(&self) -> JsonObject {
        self.scope.meta()
    }

    /// Log detail for debugging: text or anything serialisable.
    pub fn debug(&self, value: impl Serialize) {
        self.log(Level::Debug, None, value);
    }

    /// Log normal progress.
    pub fn info(&self, value: impl Serialize) {
        self.log(Level::Info, None, value);
    }

    /// Log something normal but significant.
    pub fn notice(&self, value: impl Serialize) {
        self.log(Level::Notice, None, value);
    }

    /// Log something that may need attention.
    pub fn warning(&self, value: impl Serialize) {
        self.log(Level::Warning, None, value);
    }

    /// Log that an operation failed.
    pub fn error(&self, value: impl Serialize) {
        self.log(Level::Error, None, value);
    }

    /// Log at any level, under the name of a part of the plugin if there is one.
    ///
    /// The message goes to the client, if it wants messages of this level, and to the host's log.
    pub fn log(&self, level: Level, logger: Option<&str>, value: impl Serialize) {
        // A log line is not worth failing a call for: what can't be written is logged as the reason.
        let text = serde_json::to_string(&value).unwrap_or_else(|error| {
            serde_json::Value::String(format!("not serialisable: {error}")).to_string()
        });
        self.scope.log(level, logger, &text);
    }
}

impl Handle for Call {
    fn open(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

/// The program that called, as it describes itself: not verified.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The client capabilities that it declared.
    pub capabilities: JsonObject,
    /// The MCP revision spoken with it, for example `2026-07-28`.
    pub protocol_version: String,
}

/// On whose behalf a call is made, from a token that the host has checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Principal {
    /// The token's subject.
    pub subject: String,
    /// The token's issuer.
    pub issuer: Option<String>,
    /// The token's scopes.
    pub scopes: Vec<String>,
    /// All claims of the token.
    pub claims: JsonObject,
}

/// Severity of a log message, as in RFC 5424.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Detail for debugging.
    Debug,
    /// Normal progress.
    Info,
    /// Normal but significant.
    Notice,
    /// Something that may need attention.
    Warning,
    /// An operation failed.
    Error,
    /// A component failed.
    Critical,
    /// Action is needed at once.
    Alert,
    /// The system is unusable.
    Emergency,
}

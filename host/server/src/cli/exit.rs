//! How a command ends: its exit code, and what it says when it failed.

use std::{io::IsTerminal as _, process::ExitCode};

use super::out;
use crate::config::Rejected;

/// Exit codes. Scripts rely on them: they are documented in `cofferdam --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The tool said that it failed, or a crate didn't build.
    Tool = 1,
    /// The command was used in a way that can't work.
    Usage = 2,
    /// The configuration doesn't hold.
    Config = 3,
    /// A plugin is refused.
    Plugin = 4,
    /// Something around the program is missing or in the way.
    Environment = 5,
}

/// A command that failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    exit: Exit,
    said: Said,
}

#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// The command has already shown what went wrong.
    Already,
    /// One message.
    Message(String),
    /// Mistakes in the configuration.
    Rejected(Rejected),
}

impl Failure {
    /// A failure with one message: what was expected, what was found, what to do.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, said: Said::Message(message.into()) }
    }

    /// A failure that is already shown.
    pub(crate) fn shown(exit: Exit) -> Self {
        Self { exit, said: Said::Already }
    }

    /// Says what went wrong, on stderr.
    pub(crate) fn report(&self) -> ExitCode {
        match &self.said {
            Said::Already => {}
            Said::Message(message) => out::say(&format!("error: {message}")),
            Said::Rejected(rejected) => out::say(&rejected.render(in_colour())),
        }
        ExitCode::from(self.exit as u8)
    }

    /// The message, for tests.
    #[cfg(test)]
    pub(crate) fn message(&self) -> String {
        match &self.said {
            Said::Already => String::new(),
            Said::Message(message) => message.clone(),
            Said::Rejected(rejected) => rejected.to_string(),
        }
    }
}

/// Only a terminal shows colours, and only if nobody asked for none (<https://no-color.org>).
fn in_colour() -> bool {
    let no = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !no
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Self { exit: Exit::Config, said: Said::Rejected(rejected) }
    }
}

/// What stops a server: an address that is taken, a sandbox that doesn't start.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Environment, format!("{error:#}"))
    }
}

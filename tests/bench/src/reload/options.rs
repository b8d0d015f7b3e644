//! What is measured of reloads: the command line.

use std::time::Duration;

use crate::options::{each, number, seconds};

/// How to call it.
pub const USAGE: &str = "\
cargo bench -p cofferdam-bench --bench reload -- [OPTIONS]

  --quick           a smoke test: few rounds, 50 plugins at a start, 400 reloads
  --rounds N        rounds of each measurement (15)
  --seconds S       length of one round of calls (2)
  --plugins N       plugins of the larger start (1 000)
  --reloads N       reloads of the stress (10 000)
  --only PART       one of: announce, swap, touch, start, stress
  --no-build        take the release binaries and components as they are";

/// The options, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Rounds of each measurement.
    pub rounds: usize,
    /// Length of one round of calls.
    pub round: Duration,
    /// Plugins of the larger start.
    pub plugins: usize,
    /// Reloads of the stress.
    pub reloads: usize,
    /// The one part to run; all if none.
    pub only: Option<Part>,
    /// Whether binaries and components are built first.
    pub build: bool,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From a file's last byte to the announcement.
    Announce,
    /// Calls while the tool is swapped.
    Swap,
    /// Touches that change nothing.
    Touch,
    /// Starts with many plugins.
    Start,
    /// Thousands of reloads under load.
    Stress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 15,
            round: Duration::from_secs(2),
            plugins: 1_000,
            reloads: 10_000,
            only: None,
            build: true,
        }
    }
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        each(arguments, USAGE, |argument, value| {
            match argument {
                "--quick" => options = options.clone().quick(),
                "--no-build" => options.build = false,
                "--rounds" => options.rounds = number(argument, &value()?)?,
                "--plugins" => options.plugins = number(argument, &value()?)?,
                "--reloads" => options.reloads = number(argument, &value()?)?,
                "--seconds" => options.round = seconds(&value()?)?,
                "--only" => options.only = Some(part(&value()?)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }

    fn quick(self) -> Self {
        Self { rounds: 3, round: Duration::from_millis(500), plugins: 50, reloads: 400, ..self }
    }

    /// Whether this part is to be run.
    #[must_use]
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

fn part(text: &str) -> Result<Part, String> {
    match text {
        "announce" => Ok(Part::Announce),
        "swap" => Ok(Part::Swap),
        "touch" => Ok(Part::Touch),
        "start" => Ok(Part::Start),
        "stress" => Ok(Part::Stress),
        _ => Err(format!("--only: expected announce, swap, touch, start or stress, found {text:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn later_options_override_quick() {
        let options = parse("--bench --quick --reloads 1_000 --only stress --no-build").unwrap();
        assert_eq!((options.rounds, options.reloads, options.plugins), (3, 1_000, 50));
        assert_eq!((options.only, options.build), (Some(Part::Stress), false));
        assert!(options.wants(Part::Stress) && !options.wants(Part::Start));
    }

    #[test]
    fn a_mistake_is_named() {
        for (line, error) in [
            ("--reloads", "--reloads: expected a value"),
            ("--only disk", "--only: expected announce, swap, touch, start or stress, found \"disk\""),
        ] {
            let found = parse(line).unwrap_err();
            assert!(found.starts_with(error), "{found}");
        }
    }
}

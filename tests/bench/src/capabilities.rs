//! What is measured of capabilities: the command line.

use crate::options::{each, number};

/// How to call it.
pub const USAGE: &str = "\
cargo bench -p cofferdam-bench --bench capabilities -- [OPTIONS]

  --quick           a smoke test: few rounds of little work
  --rounds N        pairs of rounds of each comparison (15)
  --times N         operations of one call, at most 5 000 (1 000)
  --only PART       one of: database, http, cache, wait
  --no-build        take the host and the components as they are";

/// The most operations of one call that its budgets pay for.
const TIMES: u64 = 5_000;

/// The options, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Pairs of rounds of each comparison.
    pub rounds: usize,
    /// Operations of one call.
    pub times: u64,
    /// The one part to run; all if none.
    pub only: Option<Part>,
    /// Whether the host and the components are built first.
    pub build: bool,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Queries, of SQLite and of Postgres.
    Database,
    /// Requests.
    Http,
    /// Hits.
    Cache,
    /// Many calls that wait at once.
    Wait,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 15, times: 1_000, only: None, build: true }
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
                "--quick" => options = Self { rounds: 3, times: 200, ..options.clone() },
                "--no-build" => options.build = false,
                "--rounds" => options.rounds = number(argument, &value()?)?,
                "--times" => options.times = times(&value()?)?,
                "--only" => options.only = Some(part(&value()?)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }

    /// Whether this part is to be run.
    #[must_use]
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

fn times(text: &str) -> Result<u64, String> {
    let found = number("--times", text)?;
    if (1..=TIMES).contains(&found) {
        Ok(found)
    } else {
        Err(format!("--times: expected 1 to {TIMES}, found {text:?}"))
    }
}

fn part(text: &str) -> Result<Part, String> {
    match text {
        "database" => Ok(Part::Database),
        "http" => Ok(Part::Http),
        "cache" => Ok(Part::Cache),
        "wait" => Ok(Part::Wait),
        _ => Err(format!("--only: expected database, http, cache or wait, found {text:?}")),
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
        let options = parse("--bench --quick --times 5_000 --only cache --no-build").unwrap();
        assert_eq!((options.rounds, options.times, options.build), (3, 5_000, false));
        assert!(options.wants(Part::Cache) && !options.wants(Part::Http));
    }

    #[test]
    fn a_mistake_is_named() {
        for (line, error) in [
            ("--times 0", "--times: expected 1 to 5000, found \"0\""),
            ("--times 5001", "--times: expected 1 to 5000, found \"5001\""),
            ("--only disk", "--only: expected database, http, cache or wait, found \"disk\""),
        ] {
            assert_eq!(parse(line).unwrap_err(), error);
        }
    }
}

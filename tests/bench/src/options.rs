//! What the load driver is asked to do: its command line.

use std::time::Duration;

/// How to call the load driver.
pub const USAGE: &str = "\
cargo bench -p cofferdam-bench --bench load -- [OPTIONS]

  --quick           a smoke test: few short rounds, 20 plugins, 20 000 calls for the memory
  --rounds N        pairs of rounds per comparison (7)
  --seconds S       length of one round (2)
  --plugins N       plugins of the host with many of them (200)
  --calls N         calls for the memory (1 000 000)
  --text BYTES      length of the text that is counted (44)
  --only PART       one of: http, stdio, plugins, memory
  --no-build        take the release binaries and components as they are";

/// The options, with their defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Pairs of rounds per comparison.
    pub rounds: usize,
    /// Length of one round.
    pub round: Duration,
    /// Plugins of the host with many of them.
    pub plugins: usize,
    /// Calls after which the memory must be what it was.
    pub calls: u64,
    /// Length of the text that is counted.
    pub text: usize,
    /// The one part to run; all if none.
    pub only: Option<Part>,
    /// Whether binaries and components are built first.
    pub build: bool,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Ours and native over HTTP.
    Http,
    /// Ours and native over stdio.
    Stdio,
    /// Ours with one plugin and with many.
    Plugins,
    /// Ours: memory at the start, per plugin, over many calls.
    Memory,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 7,
            round: Duration::from_secs(2),
            plugins: 200,
            calls: 1_000_000,
            text: crate::TEXT.len(),
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
                "--calls" => options.calls = number(argument, &value()?)?,
                "--text" => options.text = number(argument, &value()?)?,
                "--seconds" => options.round = seconds(&value()?)?,
                "--only" => options.only = Some(part(&value()?)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(options)
    }

    fn quick(self) -> Self {
        let round = Duration::from_millis(300);
        Self { rounds: 2, round, plugins: 20, calls: 20_000, ..self }
    }

    /// Whether this part is to be run.
    #[must_use]
    pub fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

/// Has `take` take each argument, with its value where it asks for one; whether it knows it.
pub(crate) fn each(
    arguments: impl IntoIterator<Item = String>,
    usage: &str,
    mut take: impl FnMut(&str, &mut dyn FnMut() -> Result<String, String>) -> Result<bool, String>,
) -> Result<(), String> {
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument}: expected a value\n\n{usage}"));
        // Cargo adds it for every bench.
        if argument != "--bench" && !take(&argument, &mut value)? {
            return Err(format!("unknown option {argument}\n\n{usage}"));
        }
    }
    Ok(())
}

pub(crate) fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, String> {
    text.replace('_', "").parse().map_err(|_| format!("{option}: expected a number, found {text:?}"))
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let found: Option<f64> = text.parse().ok();
    let length = found.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    length
        .filter(|length| !length.is_zero())
        .ok_or_else(|| format!("--seconds: expected a number above 0, found {text:?}"))
}

fn part(text: &str) -> Result<Part, String> {
    match text {
        "http" => Ok(Part::Http),
        "stdio" => Ok(Part::Stdio),
        "plugins" => Ok(Part::Plugins),
        "memory" => Ok(Part::Memory),
        _ => Err(format!("--only: expected http, stdio, plugins or memory, found {text:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_cargo_adds_changes_nothing() {
        assert_eq!(parse("--bench"), Ok(Options::default()));
    }

    #[test]
    fn later_options_override_quick() {
        let options = parse("--quick --rounds 3 --calls 1_000 --only http --no-build").unwrap();
        assert_eq!((options.rounds, options.calls, options.plugins), (3, 1_000, 20));
        assert_eq!((options.only, options.build), (Some(Part::Http), false));
        assert!(options.wants(Part::Http) && !options.wants(Part::Memory));
    }

    #[test]
    fn a_mistake_is_named() {
        for (line, error) in [
            ("--rounds", "--rounds: expected a value"),
            ("--rounds many", "--rounds: expected a number, found \"many\""),
            ("--seconds 0", "--seconds: expected a number above 0, found \"0\""),
            ("--only disk", "--only: expected http, stdio, plugins or memory, found \"disk\""),
            ("--fast", "unknown option --fast"),
        ] {
            let found = parse(line).unwrap_err();
            assert_eq!(found.lines().next(), Some(error));
        }
    }
}

//! From a wall-clock time in a zone to the moment that it is: where clocks change, there may be two or none.

use cofferdam_sdk::prelude::*;
use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Disambiguation, TimeZone};

use crate::zone;

/// What to do with a wall-clock time that happens twice or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ambiguous {
    #[default]
    Compatible,
    Earlier,
    Later,
    Reject,
}

/// A moment, and what had to be decided to get it.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// The moment.
    pub(crate) zoned: Zoned,
    /// What is special about it, in a sentence.
    pub(crate) note: Option<String>,
}

/// The moment at which the clocks of `zone` show `wall`.
pub(crate) fn resolve(wall: DateTime, zone: &TimeZone, ambiguous: Ambiguous) -> Result<Resolved> {
    let candidates = zone.to_ambiguous_zoned(wall);
    let problem = problem(wall, zone, candidates.offset());
    if ambiguous == Ambiguous::Reject
        && let Some(problem) = &problem
    {
        return Err(ToolError::invalid(format!(
            "{problem}: write the offset you mean, or set `ambiguous` to `earlier` or `later`"
        )));
    }
    let zoned = candidates.disambiguate(ambiguous.into()).map_err(|error| out_of_range(&error))?;
    let note =
        problem.map(|problem| format!("{problem}; taken as {}", zoned.strftime("%Y-%m-%dT%H:%M:%S%:z")));
    Ok(Resolved { zoned, note })
}

/// The refusal of a time beyond the years that can be computed with.
pub(crate) fn out_of_range(error: &jiff::Error) -> ToolError {
    ToolError::invalid(format!("the result is outside of the years -9999 to 9999: {error}"))
}

fn problem(wall: DateTime, zone: &TimeZone, offset: AmbiguousOffset) -> Option<String> {
    let wall = wall.strftime("%Y-%m-%dT%H:%M:%S");
    let zone = zone::name(zone);
    match offset {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { before, after } => Some(format!(
            "{wall} does not exist in {zone}, where clocks go forward from {} to {}",
            zone::format_offset(before),
            zone::format_offset(after)
        )),
        AmbiguousOffset::Fold { before, after } => Some(format!(
            "{wall} happens twice in {zone}, first at {} and then at {}",
            zone::format_offset(before),
            zone::format_offset(after)
        )),
    }
}

impl From<Ambiguous> for Disambiguation {
    fn from(ambiguous: Ambiguous) -> Self {
        match ambiguous {
            Ambiguous::Compatible => Self::Compatible,
            Ambiguous::Earlier => Self::Earlier,
            Ambiguous::Later => Self::Later,
            Ambiguous::Reject => Self::Reject,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oslo(wall: &str, ambiguous: Ambiguous) -> Result<Resolved> {
        resolve(wall.parse().unwrap(), &TimeZone::get("Europe/Oslo").unwrap(), ambiguous)
    }

    #[test]
    fn clock_changes_are_decided_as_asked_and_noted() {
        for (wall, ambiguous, expected) in [
            ("2024-03-31T02:30", Ambiguous::Compatible, "2024-03-31T03:30:00+02:00[Europe/Oslo]"),
            ("2024-03-31T02:30", Ambiguous::Earlier, "2024-03-31T01:30:00+01:00[Europe/Oslo]"),
            ("2024-03-31T02:30", Ambiguous::Later, "2024-03-31T03:30:00+02:00[Europe/Oslo]"),
            ("2024-10-27T02:30", Ambiguous::Compatible, "2024-10-27T02:30:00+02:00[Europe/Oslo]"),
            ("2024-10-27T02:30", Ambiguous::Earlier, "2024-10-27T02:30:00+02:00[Europe/Oslo]"),
            ("2024-10-27T02:30", Ambiguous::Later, "2024-10-27T02:30:00+01:00[Europe/Oslo]"),
        ] {
            let resolved = oslo(wall, ambiguous).unwrap();
            assert_eq!(resolved.zoned.to_string(), expected, "{wall} {ambiguous:?}");
            assert!(resolved.note.is_some());
        }
    }

    #[test]
    fn notes_say_what_the_clocks_do() {
        assert_eq!(
            oslo("2024-03-31T02:30", Ambiguous::Compatible).unwrap().note.unwrap(),
            "2024-03-31T02:30:00 does not exist in Europe/Oslo, where clocks go forward from +01:00 to +02:00; \
             taken as 2024-03-31T03:30:00+02:00"
        );
        assert_eq!(
            oslo("2024-10-27T02:30", Ambiguous::Later).unwrap().note.unwrap(),
            "2024-10-27T02:30:00 happens twice in Europe/Oslo, first at +02:00 and then at +01:00; \
             taken as 2024-10-27T02:30:00+01:00"
        );
        assert_eq!(oslo("2024-06-01T12:00", Ambiguous::Reject).unwrap().note, None);
    }

    #[test]
    fn reject_refuses_and_says_the_way_out() {
        let error = oslo("2024-10-27T02:30", Ambiguous::Reject).unwrap_err().to_string();
        assert!(error.contains("happens twice") && error.contains("set `ambiguous` to `earlier`"), "{error}");
    }
}

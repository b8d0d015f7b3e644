//! The tool `convert`: one moment, seen in other time zones.

use cofferdam_sdk::prelude::*;
use jiff::{Timestamp, Zoned};

use crate::local::Ambiguous;
use crate::read::{self, Read, Reader};
use crate::shown::Moment;
use crate::zone;

/// The moment and where to look at it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The date and time to convert: `2024-07-01 14:30`, `2024-07-01T14:30:00+02:00`, `3pm` (today), `now`,
    /// `1 July 2024 2:30 pm`, unix seconds (`@1719837000`) or an RFC 2822 date.
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    moment: String,
    /// The time zone that `moment` is in: needed unless it says so itself with an offset.
    /// An IANA name, an unambiguous city or an offset.
    #[schemars(length(min = 1, max = zone::MAX_ZONE))]
    #[serde(default)]
    from: Option<String>,
    /// The time zones to show it in: IANA names (`America/New_York`), unambiguous cities or offsets.
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = zone::MAX_ZONE)))]
    to: Vec<String>,
    /// What a local time means that happens twice or never because clocks change. `compatible`: the first of
    /// two, and one that never happens moves forward. `earlier` and `later` choose. `reject` refuses it.
    #[serde(default)]
    ambiguous: Ambiguous,
}

/// One moment in several zones.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Converted {
    /// The moment where it was given.
    pub(crate) source: Moment,
    /// The same moment in each zone of `to`, in that order.
    pub(crate) results: Vec<There>,
    /// What had to be decided about the local time; absent when it was plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// The moment in another zone.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct There {
    /// The moment.
    #[serde(flatten)]
    pub(crate) moment: Moment,
    /// How many calendar days later it is there: -1, 0 or 1.
    pub(crate) day_shift: i32,
    /// How many hours the clocks there are ahead of those of the source, e.g. `-5.5`.
    pub(crate) hours_ahead: f64,
}

/// Convert a date and time from one time zone to others, with daylight saving time of that date, and report
/// local times that happen twice or never. Use it for meetings, flights, logs: anything with two time zones.
#[tool(title = "Convert time zones", read_only, idempotent, open_world = false)]
pub(crate) fn convert(args: Args) -> Result<Converted> {
    from(Timestamp::now(), &args)
}

fn from(now: Timestamp, args: &Args) -> Result<Converted> {
    let zone = args.from.as_deref().map(zone::parse).transpose()?;
    let reader = Reader { now, zone, ambiguous: args.ambiguous };
    let Read { zoned, note, .. } = reader.read("moment", &args.moment)?;
    let results = args.to.iter().map(|name| there(&zoned, name)).collect::<Result<_>>()?;
    Ok(Converted { source: Moment::of(&zoned), results, note })
}

fn there(here: &Zoned, name: &str) -> Result<There> {
    let there = here.with_time_zone(zone::parse(name)?);
    let days = (there.date() - here.date()).get_days();
    let seconds = there.offset().seconds() - here.offset().seconds();
    Ok(There { moment: Moment::of(&there), day_shift: days, hours_ahead: f64::from(seconds) / 3600.0 })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Converted> {
        let now = "2024-07-01T10:00:00Z".parse().unwrap();
        from(now, &serde_json::from_value(args).unwrap())
    }

    #[test]
    fn a_local_time_is_converted_with_the_rules_of_its_date() {
        for (moment, from, to, expected, day_shift, hours_ahead) in [
            ("2024-07-01 14:30", "America/New_York", "Europe/Oslo", "2024-07-01T20:30:00+02:00", 0, 6.0),
            ("2024-03-20 14:30", "America/New_York", "Europe/Oslo", "2024-03-20T19:30:00+01:00", 0, 5.0),
            ("2024-01-01 23:00", "Oslo", "Tokyo", "2024-01-02T07:00:00+09:00", 1, 8.0),
            ("2024-01-01 01:00", "Europe/Oslo", "America/Los_Angeles", "2023-12-31T16:00:00-08:00", -1, -9.0),
            ("2024-01-01 12:00", "UTC", "Asia/Kathmandu", "2024-01-01T17:45:00+05:45", 0, 5.75),
            ("3pm", "America/New_York", "UTC", "2024-07-01T19:00:00+00:00", 0, 4.0),
        ] {
            let converted = call(json!({"moment": moment, "from": from, "to": [to]})).unwrap();
            let there = &converted.results[0];
            assert_eq!(
                (there.moment.iso.as_str(), there.day_shift, there.hours_ahead),
                (expected, day_shift, hours_ahead)
            );
            assert_eq!(converted.note, None);
        }
    }

    #[test]
    fn an_offset_in_the_moment_needs_no_zone() {
        let converted = call(json!({"moment": "2024-07-01T14:30:00+02:00", "to": ["UTC", "Tokyo"]})).unwrap();
        assert_eq!(converted.source.zone, "+02:00");
        assert_eq!(converted.results[0].moment.iso, "2024-07-01T12:30:00+00:00");
        assert_eq!(converted.results[1].moment.iso, "2024-07-01T21:30:00+09:00");
    }

    #[test]
    fn a_moment_without_a_zone_is_refused() {
        let error = call(json!({"moment": "2024-07-01 14:30", "to": ["UTC"]})).unwrap_err().to_string();
        assert!(error.contains("which has no time zone"), "{error}");
    }

    #[test]
    fn a_time_that_happens_twice_is_noted() {
        let args = |ambiguous: &str| json!({"moment": "2024-11-03 01:30", "from": "America/New_York", "to": ["UTC"], "ambiguous": ambiguous});
        let first = call(args("compatible")).unwrap();
        assert_eq!(first.results[0].moment.iso, "2024-11-03T05:30:00+00:00");
        assert!(first.note.unwrap().contains("happens twice in America/New_York"));
        assert_eq!(call(args("later")).unwrap().results[0].moment.iso, "2024-11-03T06:30:00+00:00");
        assert!(call(args("reject")).is_err());
    }

    #[test]
    fn the_tool_itself_answers() {
        let args = json!({"moment": "2024-07-01T00:00Z", "to": ["UTC"]});
        let converted = mock::Host::new().call::<convert>(args).unwrap();
        assert_eq!(converted.results[0].moment.weekday, "Monday");
    }
}

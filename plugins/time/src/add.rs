//! The tool `add`: a moment, and some time later or earlier.

use cofferdam_sdk::prelude::*;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Span, Timestamp, Zoned};

use crate::business::Calendar;
use crate::local::{Ambiguous, Resolved, out_of_range, resolve};
use crate::read::{self, Reader};
use crate::shown::Moment;
use crate::zone;

/// The start and what to add to it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The date and time to start from: `2024-01-31`, `2024-07-01 14:30`, `2024-07-01T14:30:00+02:00`, `now`,
    /// `today`, `1 July 2024`, unix seconds (`@1719837000`).
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    moment: String,
    /// The time zone whose calendar and clock changes count: an IANA name, an unambiguous city or an offset.
    /// Absent means the zone that `moment` names, or else UTC.
    #[schemars(length(min = 1, max = zone::MAX_ZONE))]
    #[serde(default)]
    zone: Option<String>,
    /// Years to add; negative to subtract, as with all the others.
    #[schemars(range(min = -9999, max = 9999))]
    #[serde(default)]
    years: i64,
    /// Months to add. A day that the month does not have becomes its last one: 31 January + 1 month is 29 February.
    #[schemars(range(min = -100_000, max = 100_000))]
    #[serde(default)]
    months: i64,
    /// Weeks to add.
    #[schemars(range(min = -500_000, max = 500_000))]
    #[serde(default)]
    weeks: i64,
    /// Calendar days to add: the wall-clock time stays, even over a clock change.
    #[schemars(range(min = -3_500_000, max = 3_500_000))]
    #[serde(default)]
    days: i64,
    /// Days of work to add, after the years, months, weeks and days: `weekend` and `holidays` are skipped.
    #[schemars(range(min = -10_000, max = 10_000))]
    #[serde(default)]
    business_days: i32,
    /// Hours to add, as elapsed time: after everything above, and over a clock change the wall clock shifts.
    #[schemars(range(min = -80_000_000, max = 80_000_000))]
    #[serde(default)]
    hours: i64,
    /// Minutes to add, as elapsed time.
    #[schemars(range(min = -5_000_000_000_i64, max = 5_000_000_000_i64))]
    #[serde(default)]
    minutes: i64,
    /// Seconds to add, as elapsed time.
    #[schemars(range(min = -300_000_000_000_i64, max = 300_000_000_000_i64))]
    #[serde(default)]
    seconds: i64,
    /// What a local time means that happens twice or never because clocks change. `compatible`: the first of
    /// two, and one that never happens moves forward. `earlier` and `later` choose. `reject` refuses it.
    #[serde(default)]
    ambiguous: Ambiguous,
    #[serde(flatten)]
    calendar: Calendar,
}

/// The start and the end.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Added {
    /// The moment that the sum started from.
    pub(crate) start: Moment,
    /// The moment that it ends at.
    pub(crate) result: Moment,
    /// What had to be decided on the way (last day of a month, clock changes); absent when it was plain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// Add or subtract years, months, weeks, days, business days, hours, minutes and seconds to a date, by the
/// calendar and the clock changes of a time zone. Use it for deadlines, due dates and ages instead of
/// reckoning yourself.
#[tool(title = "Date arithmetic", read_only, idempotent, open_world = false)]
pub(crate) fn add(args: Args) -> Result<Added> {
    from(Timestamp::now(), &args)
}

fn from(now: Timestamp, args: &Args) -> Result<Added> {
    let read = Reader::new(now, args.zone.as_deref(), args.ambiguous)?.read("moment", &args.moment)?;
    let mut notes: Vec<_> = read.note.into_iter().collect();
    let start = match &args.zone {
        Some(zone) => read.zoned.with_time_zone(zone::parse(zone)?),
        None => read.zoned,
    };
    let wall = worked(calendar(start.datetime(), args, &mut notes)?, args)?;
    let day = relocated(&start, wall, args.ambiguous, &mut notes)?;
    let result = elapsed(&day, args)?;
    Ok(Added { start: Moment::of(&start), result: Moment::of(&result), notes })
}

/// Years to days, on the calendar alone. A span has one sign for all its units, so each step has one unit.
fn calendar(wall: DateTime, args: &Args, notes: &mut Vec<String>) -> Result<DateTime> {
    let months = Span::new().try_months(args.years.saturating_mul(12).saturating_add(args.months));
    let by_months = months.and_then(|span| wall.checked_add(span)).map_err(|error| out_of_range(&error))?;
    if by_months.day() != wall.day() {
        notes.push(format!(
            "{} has no day {}: its last day was taken",
            by_months.strftime("%B %Y"),
            wall.day()
        ));
    }
    let days = Span::new().try_days(args.weeks.saturating_mul(7).saturating_add(args.days));
    days.and_then(|span| by_months.checked_add(span)).map_err(|error| out_of_range(&error))
}

fn worked(wall: DateTime, args: &Args) -> Result<DateTime> {
    let day = args.calendar.parse()?.add(wall.date(), args.business_days)?;
    Ok(day.to_datetime(wall.time()))
}

/// The moment of `wall` in the zone of `start`; `start` itself when nothing moved, so that the second of two
/// equal wall-clock times stays the second.
fn relocated(start: &Zoned, wall: DateTime, ambiguous: Ambiguous, notes: &mut Vec<String>) -> Result<Zoned> {
    if wall == start.datetime() {
        return Ok(start.clone());
    }
    let Resolved { zoned, note } = resolve(wall, start.time_zone(), ambiguous)?;
    notes.extend(note);
    Ok(zoned)
}

fn elapsed(day: &Zoned, args: &Args) -> Result<Zoned> {
    let minutes = args.hours.saturating_mul(60).saturating_add(args.minutes);
    let seconds = minutes.saturating_mul(60).saturating_add(args.seconds);
    day.checked_add(SignedDuration::from_secs(seconds)).map_err(|error| out_of_range(&error))
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Added> {
        let now = "2024-07-01T10:00:00Z".parse().unwrap();
        from(now, &serde_json::from_value(args).unwrap())
    }

    #[test]
    fn units_are_added_and_subtracted() {
        for (args, expected) in [
            (json!({"moment": "2024-01-31", "months": 1}), "2024-02-29T00:00:00+00:00"),
            (json!({"moment": "2024-02-29", "years": 1}), "2025-02-28T00:00:00+00:00"),
            (json!({"moment": "2024-03-31", "months": -1}), "2024-02-29T00:00:00+00:00"),
            (json!({"moment": "2024-01-01", "weeks": 2, "days": -1}), "2024-01-14T00:00:00+00:00"),
            (
                json!({"moment": "2024-01-01", "years": 1, "months": -1, "hours": 1, "minutes": -1}),
                "2024-12-01T00:59:00+00:00",
            ),
            (json!({"moment": "2024-01-12", "business_days": 3}), "2024-01-17T00:00:00+00:00"),
            (
                json!({"moment": "2024-12-23", "business_days": 2, "holidays": ["2024-12-25"]}),
                "2024-12-26T00:00:00+00:00",
            ),
            (json!({"moment": "2024-01-01T23:59:30Z", "seconds": 31}), "2024-01-02T00:00:01+00:00"),
            (json!({"moment": "2024-01-01T00:00-05:00", "hours": 1}), "2024-01-01T01:00:00-05:00"),
            (json!({"moment": "now", "minutes": 90}), "2024-07-01T11:30:00+00:00"),
            (json!({"moment": "today", "zone": "Asia/Tokyo", "days": 1}), "2024-07-02T00:00:00+09:00"),
        ] {
            assert_eq!(call(args.clone()).unwrap().result.iso, expected, "{args}");
        }
    }

    #[test]
    fn a_day_keeps_the_clock_and_a_day_of_hours_does_not() {
        let start = json!({"moment": "2024-03-30 12:00", "zone": "Europe/Oslo"});
        let with = |key: &str, value: i64| {
            let mut args = start.clone();
            args[key] = json!(value);
            call(args).unwrap()
        };
        assert_eq!(with("days", 1).result.iso, "2024-03-31T12:00:00+02:00");
        assert_eq!(with("hours", 24).result.iso, "2024-03-31T13:00:00+02:00");
        assert_eq!(with("days", 1).notes, Vec::<String>::new());
    }

    #[test]
    fn decisions_are_noted() {
        let february = call(json!({"moment": "2024-01-31", "months": 1})).unwrap();
        assert_eq!(february.notes, ["February 2024 has no day 31: its last day was taken"]);
        let gap = call(json!({"moment": "2024-03-30 02:30", "zone": "Europe/Oslo", "days": 1})).unwrap();
        assert_eq!(gap.result.iso, "2024-03-31T03:30:00+02:00");
        assert!(gap.notes[0].contains("does not exist in Europe/Oslo"), "{}", gap.notes[0]);
    }

    #[test]
    fn a_moment_with_an_offset_moves_into_the_zone_that_was_asked_for() {
        let added = call(json!({"moment": "2024-07-01T23:00Z", "zone": "Asia/Tokyo", "days": 1})).unwrap();
        assert_eq!(
            (added.start.iso.as_str(), added.result.iso.as_str()),
            ("2024-07-02T08:00:00+09:00", "2024-07-03T08:00:00+09:00")
        );
    }

    #[test]
    fn the_second_of_two_equal_times_stays_the_second() {
        let added =
            call(json!({"moment": "2024-10-27T02:30+01:00", "zone": "Europe/Oslo", "minutes": 5})).unwrap();
        assert_eq!(added.result.iso, "2024-10-27T02:35:00+01:00");
    }

    #[test]
    fn what_leaves_the_calendar_is_refused() {
        for args in [
            json!({"moment": "9999-01-01", "years": 1}),
            json!({"moment": "2024-01-01", "hours": 80_000_000}),
        ] {
            let error = call(args).unwrap_err().to_string();
            assert!(error.contains("outside of the years -9999 to 9999"), "{error}");
        }
    }

    #[test]
    fn the_tool_itself_answers() {
        let added = mock::Host::new().call::<add>(json!({"moment": "2024-01-01", "days": 1})).unwrap();
        assert_eq!(added.result.iso, "2024-01-02T00:00:00+00:00");
    }
}

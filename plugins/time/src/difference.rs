//! The tool `difference`: how much time lies between two moments.

use cofferdam_sdk::prelude::*;
use jiff::{Timestamp, Unit, Zoned, ZonedDifference};

use crate::business::Calendar;
use crate::local::{Ambiguous, out_of_range};
use crate::read::{self, Reader};
use crate::shown::Moment;
use crate::zone;

/// The two moments.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The first moment: `2024-01-31`, `2024-07-01 14:30`, `2024-07-01T14:30:00+02:00`, `now`, `today`,
    /// `1 July 2024`, unix seconds (`@1719837000`).
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    start: String,
    /// The second moment, in the same formats; when it is before `start`, all numbers are negative.
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    end: String,
    /// The time zone whose calendar counts, and the zone of moments without an offset: an IANA name, an
    /// unambiguous city or an offset. Absent means the zone that `start` names, or else UTC.
    #[schemars(length(min = 1, max = zone::MAX_ZONE))]
    #[serde(default)]
    zone: Option<String>,
    /// What a local time means that happens twice or never because clocks change. `compatible`: the first of
    /// two, and one that never happens moves forward. `earlier` and `later` choose. `reject` refuses it.
    #[serde(default)]
    ambiguous: Ambiguous,
    #[serde(flatten)]
    calendar: Calendar,
}

/// The time between two moments.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// The first moment.
    pub(crate) start: Moment,
    /// The second moment, in the same zone.
    pub(crate) end: Moment,
    /// The difference in calendar units, which add up.
    pub(crate) calendar: Units,
    /// The same in words, e.g. `1 year, 2 months, 3 days`.
    pub(crate) text: String,
    /// The same as an ISO 8601 duration, e.g. `P1Y2M3D`.
    pub(crate) iso: String,
    /// The whole difference in each single unit.
    pub(crate) total: Totals,
    /// Days of work from the date of `start` on and before the date of `end`.
    pub(crate) business_days: i64,
    /// What had to be decided about local times; absent when they were plain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// A difference in units that add up.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Units {
    /// Whole years.
    pub(crate) years: i64,
    /// Whole months after the years.
    pub(crate) months: i64,
    /// Whole days after the months.
    pub(crate) days: i64,
    /// Whole hours after the days.
    pub(crate) hours: i64,
    /// Whole minutes after the hours.
    pub(crate) minutes: i64,
    /// Seconds after the minutes, with fractions.
    pub(crate) seconds: f64,
}

/// The whole difference in single units.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Totals {
    /// Days between the two dates on the calendar, whatever the times.
    pub(crate) calendar_days: i64,
    /// Elapsed weeks of 168 hours.
    pub(crate) weeks: f64,
    /// Elapsed days of 24 hours.
    pub(crate) days: f64,
    /// Elapsed hours.
    pub(crate) hours: f64,
    /// Elapsed minutes.
    pub(crate) minutes: f64,
    /// Elapsed seconds.
    pub(crate) seconds: f64,
}

/// How much time lies between two moments: in years, months, days, hours, minutes and seconds, in total of
/// each unit, and in business days, with clock changes. Use it for ages, durations and time left.
#[tool(title = "Time between", read_only, idempotent, open_world = false)]
pub(crate) fn difference(args: Args) -> Result<Difference> {
    from(Timestamp::now(), &args)
}

fn from(now: Timestamp, args: &Args) -> Result<Difference> {
    let reader = Reader::new(now, args.zone.as_deref(), args.ambiguous)?;
    let (start, end) = (reader.read("start", &args.start)?, reader.read("end", &args.end)?);
    let zone = match &args.zone {
        Some(zone) => zone::parse(zone)?,
        None => start.zoned.time_zone().clone(),
    };
    let notes = start.note.into_iter().chain(end.note).collect();
    let (start, end) = (start.zoned.with_time_zone(zone.clone()), end.zoned.with_time_zone(zone));
    let span =
        start.until(ZonedDifference::new(&end).largest(Unit::Year)).map_err(|error| out_of_range(&error))?;
    let calendar = Units::of(&span);
    Ok(Difference {
        text: calendar.in_words(),
        calendar,
        iso: span.to_string(),
        total: Totals::between(&start, &end),
        business_days: args.calendar.parse()?.between(start.date(), end.date()),
        start: Moment::of(&start),
        end: Moment::of(&end),
        notes,
    })
}

impl Units {
    fn of(span: &jiff::Span) -> Self {
        let nanoseconds =
            span.get_milliseconds() * 1_000_000 + span.get_microseconds() * 1000 + span.get_nanoseconds();
        Self {
            years: span.get_years().into(),
            months: span.get_months().into(),
            days: span.get_days().into(),
            hours: span.get_hours().into(),
            minutes: span.get_minutes(),
            seconds: span.get_seconds() as f64 + nanoseconds as f64 / 1e9,
        }
    }

    fn in_words(&self) -> String {
        let whole = [
            (self.years, "year"),
            (self.months, "month"),
            (self.days, "day"),
            (self.hours, "hour"),
            (self.minutes, "minute"),
        ];
        let mut parts: Vec<_> = whole
            .iter()
            .filter(|(count, _)| *count != 0)
            .map(|(count, unit)| format!("{count} {unit}{}", plural(count.abs() == 1)))
            .collect();
        if self.seconds != 0.0 || parts.is_empty() {
            parts.push(format!("{} second{}", self.seconds, plural(self.seconds.abs() == 1.0)));
        }
        parts.join(", ")
    }
}

fn plural(one: bool) -> &'static str {
    if one { "" } else { "s" }
}

impl Totals {
    fn between(start: &Zoned, end: &Zoned) -> Self {
        let seconds = start.duration_until(end).as_secs_f64();
        let days = start.date().until((Unit::Day, end.date())).map_or(0, |span| span.get_days());
        Self {
            calendar_days: days.into(),
            weeks: seconds / 604_800.0,
            days: seconds / 86_400.0,
            hours: seconds / 3_600.0,
            minutes: seconds / 60.0,
            seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Difference> {
        let now = "2024-07-01T10:00:00Z".parse().unwrap();
        from(now, &serde_json::from_value(args).unwrap())
    }

    #[test]
    fn differences_come_in_words_and_as_a_duration() {
        for (start, end, text, iso) in [
            ("2024-01-15", "2025-03-18", "1 year, 2 months, 3 days", "P1Y2M3D"),
            ("2024-01-31", "2024-02-29", "29 days", "P29D"),
            ("2024-02-29", "2025-02-28", "11 months, 30 days", "P11M30D"),
            ("2024-01-01 10:00", "2024-01-01 11:01:01.5", "1 hour, 1 minute, 1.5 seconds", "PT1H1M1.5S"),
            ("2024-01-02", "2024-01-01", "-1 day", "-P1D"),
            ("now", "now", "0 seconds", "PT0S"),
            ("today", "tomorrow", "1 day", "P1D"),
        ] {
            let difference = call(json!({"start": start, "end": end})).unwrap();
            assert_eq!((difference.text.as_str(), difference.iso.as_str()), (text, iso), "{start} {end}");
        }
    }

    #[test]
    fn totals_are_elapsed_and_calendar_days_are_not() {
        // The clocks go forward in this night: 23 hours.
        let args = json!({"start": "2024-03-30 12:00", "end": "2024-03-31 12:00", "zone": "Europe/Oslo"});
        let difference = call(args).unwrap();
        assert_eq!(difference.text, "1 day");
        let total = difference.total;
        assert_eq!(
            (total.calendar_days, total.hours, total.minutes, total.seconds),
            (1, 23.0, 1380.0, 82_800.0)
        );
    }

    #[test]
    fn business_days_leave_out_weekends_and_holidays() {
        let args =
            json!({"start": "2024-12-20", "end": "2024-12-30", "holidays": ["2024-12-25", "2024-12-26"]});
        assert_eq!(call(args).unwrap().business_days, 4);
    }

    #[test]
    fn both_moments_are_shown_in_one_zone() {
        let difference =
            call(json!({"start": "2024-07-01T00:00+09:00", "end": "2024-07-01T00:00Z"})).unwrap();
        assert_eq!(
            (difference.end.iso.as_str(), difference.text.as_str()),
            ("2024-07-01T09:00:00+09:00", "9 hours")
        );
    }

    #[test]
    fn the_wrong_moment_is_named() {
        let error = call(json!({"start": "2024-07-01", "end": "later"})).unwrap_err().to_string();
        assert!(error.starts_with("`end` is `later`, expected a date or time"), "{error}");
    }

    #[test]
    fn the_tool_itself_answers() {
        let args = json!({"start": "2024-01-01", "end": "2024-01-08"});
        let difference = mock::Host::new().call::<super::difference>(args).unwrap();
        assert_eq!((difference.total.weeks, difference.business_days), (1.0, 5));
    }
}

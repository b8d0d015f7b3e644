//! Business days: which days are worked, counting them and moving along them.

use std::collections::BTreeSet;

use cofferdam_sdk::prelude::*;
use jiff::civil::{Date, Weekday};
use jiff::{Span, Unit};

use crate::local::out_of_range;

/// Most holidays that are accepted.
pub(crate) const MAX_HOLIDAYS: usize = 1000;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Which days are worked.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Calendar {
    /// Days of the week that are not worked.
    #[schemars(length(max = 6))]
    #[serde(default = "saturday_and_sunday")]
    weekend: Vec<Day>,
    /// Further days that are not worked, as `YYYY-MM-DD`.
    #[schemars(length(max = MAX_HOLIDAYS), inner(regex(pattern = r"^\d{4}-\d{2}-\d{2}$")))]
    #[serde(default)]
    holidays: Vec<String>,
}

fn saturday_and_sunday() -> Vec<Day> {
    vec![Day::Saturday, Day::Sunday]
}

/// A calendar whose dates were read.
pub(crate) struct Business {
    weekend: Vec<Weekday>,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Reads the holidays, and refuses a week without a day of work.
    pub(crate) fn parse(&self) -> Result<Business> {
        let weekend: Vec<_> = self.weekend.iter().map(|day| Weekday::from(*day)).collect();
        if Weekday::Monday.cycle_forward().take(7).all(|day| weekend.contains(&day)) {
            return Err(ToolError::invalid(
                "`weekend` has all seven days, expected at most six: leave out the days that are worked",
            ));
        }
        let holidays = self.holidays.iter().map(|day| holiday(day)).collect::<Result<_>>()?;
        Ok(Business { weekend, holidays })
    }
}

fn holiday(text: &str) -> Result<Date> {
    text.parse().map_err(|error| {
        ToolError::invalid(format!("`holidays` has `{text}`, expected a date as YYYY-MM-DD: {error}"))
    })
}

impl Business {
    /// Whether `day` is worked.
    pub(crate) fn is_worked(&self, day: Date) -> bool {
        self.is_week_day(day) && !self.holidays.contains(&day)
    }

    /// The `count`th day of work after `day` (before it, for a negative count).
    pub(crate) fn add(&self, day: Date, count: i32) -> Result<Date> {
        let step = Span::new().days(count.signum());
        let mut day = day;
        let mut left = count.unsigned_abs();
        while left > 0 {
            day = day.checked_add(step).map_err(|error| out_of_range(&error))?;
            left -= u32::from(self.is_worked(day));
        }
        Ok(day)
    }

    /// Days of work from `start` on and before `end`; negative when `end` is the earlier one.
    pub(crate) fn between(&self, start: Date, end: Date) -> i64 {
        if end < start {
            return -self.between(end, start);
        }
        let days = start.until((Unit::Day, end)).map_or(0, |span| i64::from(span.get_days()));
        let worked_in_week =
            7 - Weekday::Monday.cycle_forward().take(7).filter(|day| self.weekend.contains(day)).count();
        // The weeks are counted at once, and the days after the last whole one by themselves.
        let rest = start.weekday().cycle_forward().take(usize::try_from(days % 7).unwrap_or_default());
        let rest = rest.filter(|day| !self.weekend.contains(day)).count();
        let holidays = self.holidays.range(start..end).filter(|day| self.is_week_day(**day)).count();
        days / 7 * as_i64(worked_in_week) + as_i64(rest) - as_i64(holidays)
    }

    fn is_week_day(&self, day: Date) -> bool {
        !self.weekend.contains(&day.weekday())
    }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
            Day::Sunday => Self::Sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn business(json: serde_json::Value) -> Result<Business> {
        serde_json::from_value::<Calendar>(json).unwrap().parse()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_of_work_are_added_over_weekends_and_holidays() {
        let plain = business(json!({})).unwrap();
        let easter = business(json!({"holidays": ["2024-03-29", "2024-04-01", "2024-03-30"]})).unwrap();
        let gulf = business(json!({"weekend": ["friday", "saturday"]})).unwrap();
        for (business, start, count, expected) in [
            (&plain, "2024-01-12", 1, "2024-01-15"),
            (&plain, "2024-01-15", -1, "2024-01-12"),
            (&plain, "2024-01-13", 1, "2024-01-15"),
            (&plain, "2024-01-15", 0, "2024-01-15"),
            (&plain, "2024-01-15", 10, "2024-01-29"),
            (&easter, "2024-03-28", 1, "2024-04-02"),
            (&gulf, "2024-01-11", 1, "2024-01-14"),
        ] {
            assert_eq!(business.add(date(start), count).unwrap(), date(expected), "{start} {count}");
        }
    }

    #[test]
    fn days_of_work_are_counted_from_the_start_and_before_the_end() {
        let plain = business(json!({})).unwrap();
        let easter = business(json!({"holidays": ["2024-03-29", "2024-04-01", "2024-03-30"]})).unwrap();
        for (business, start, end, expected) in [
            (&plain, "2024-01-15", "2024-01-15", 0),
            (&plain, "2024-01-15", "2024-01-22", 5),
            (&plain, "2024-01-12", "2024-01-15", 1),
            (&plain, "2024-01-13", "2024-01-15", 0),
            (&plain, "2024-01-22", "2024-01-15", -5),
            (&plain, "2024-01-01", "2025-01-01", 262),
            (&easter, "2024-03-28", "2024-04-03", 2),
        ] {
            assert_eq!(business.between(date(start), date(end)), expected, "{start} {end}");
        }
    }

    #[test]
    fn counting_agrees_with_walking() {
        let business =
            business(json!({"weekend": ["wednesday", "sunday"], "holidays": ["2024-02-02"]})).unwrap();
        let start = date("2024-01-03");
        for count in 0..200 {
            let end = start.checked_add(Span::new().days(count)).unwrap();
            let walked = start.series(Span::new().days(1)).take_while(|day| *day < end);
            assert_eq!(
                business.between(start, end),
                walked.filter(|day| business.is_worked(*day)).count() as i64
            );
        }
    }

    #[test]
    fn a_week_without_work_and_a_wrong_holiday_are_refused() {
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        assert!(business(json!({"weekend": week})).err().unwrap().to_string().contains("all seven days"));
        let error = business(json!({"holidays": ["2024-02-30"]})).err().unwrap().to_string();
        assert!(error.starts_with("`holidays` has `2024-02-30`, expected a date as YYYY-MM-DD"), "{error}");
    }
}

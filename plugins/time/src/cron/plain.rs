//! A cron expression in plain English.
//!
//! The library puts the sentence together; this gives it better phrases, and keeps it from calling a list of
//! times a rhythm that it is not: `0-30/10` is not every ten minutes, nor is `*/7`.

use croner::describe::{English, Language};
use croner::{Cron, CronComponent};

/// The expression as a sentence.
pub(super) fn describe(cron: &Cron) -> String {
    let mut pattern = cron.pattern.clone();
    for component in [&mut pattern.seconds, &mut pattern.minutes, &mut pattern.hours, &mut pattern.months] {
        if component.step > 1 && !is_rhythm(component) {
            component.step = 1;
        }
    }
    pattern.describe_lang(Plain)
}

/// Whether the values go on in the same steps from one hour, day or year to the next.
fn is_rhythm(component: &CronComponent) -> bool {
    let all = component.min..=component.max;
    all.len().is_multiple_of(component.step.into())
        && component.values() == all.step_by(component.step.into()).collect::<Vec<_>>()
}

/// English with fewer "of" and "at".
struct Plain;

/// `day 1`, but `days 1 and 15`.
fn counted(noun: &str, values: &str) -> String {
    let plural = if values.bytes().all(|byte| byte.is_ascii_digit()) { "" } else { "s" };
    format!("{noun}{plural} {values}")
}

fn ordinal(n: u16) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

impl Language for Plain {
    fn every_minute(&self) -> &'static str {
        English.every_minute()
    }
    fn every_second_phrase(&self) -> &'static str {
        English.every_second_phrase()
    }
    fn every_x_minutes(&self, step: u16) -> String {
        English.every_x_minutes(step)
    }
    fn every_x_seconds(&self, step: u16) -> String {
        English.every_x_seconds(step)
    }
    fn every_x_hours(&self, step: u16) -> String {
        format!("in every {} hour", ordinal(step))
    }
    fn every_minute_of_every_x_hours(&self, step: u16) -> String {
        format!("Every minute, {}", self.every_x_hours(step))
    }
    fn at_time(&self, time: &str) -> String {
        English.at_time(time)
    }
    fn at_time_and_every_x_seconds(&self, time: &str, step: u16) -> String {
        format!("Every {step} seconds of the minute {time}")
    }
    fn at_time_at_second(&self, time: &str, second: &str) -> String {
        format!("At {time}, at {}", counted("second", second))
    }
    fn at_phrase(&self, phrase: &str) -> String {
        match phrase.strip_prefix("every") {
            Some(rest) => format!("Every{rest}"),
            None => English.at_phrase(phrase),
        }
    }
    fn on_phrase(&self, phrase: &str) -> String {
        English.on_phrase(phrase)
    }
    fn in_phrase(&self, phrase: &str) -> String {
        English.in_phrase(phrase)
    }
    fn second_phrase(&self, seconds: &str) -> String {
        counted("second", seconds)
    }
    fn minute_phrase(&self, minutes: &str) -> String {
        counted("minute", minutes)
    }
    fn minute_past_every_hour_phrase(&self, minutes: &str) -> String {
        format!("{minutes} of every hour")
    }
    fn hour_phrase(&self, hours: &str) -> String {
        format!("in {}", counted("hour", hours))
    }
    fn year_phrase(&self, years: &str) -> String {
        English.year_phrase(years)
    }
    fn day_phrase(&self, days: &str) -> String {
        format!("{} of the month", counted("day", days))
    }
    fn the_last_day_of_the_month(&self) -> &'static str {
        English.the_last_day_of_the_month()
    }
    fn the_weekday_nearest_day(&self, day: &str) -> String {
        format!("the working day nearest to day {day} of the month")
    }
    fn the_last_weekday_of_the_month(&self, day: &str) -> String {
        English.the_last_weekday_of_the_month(day)
    }
    fn the_nth_weekday_of_the_month(&self, n: u8, day: &str) -> String {
        English.the_nth_weekday_of_the_month(n, day)
    }
    fn dom_and_dow_if_also(&self, weekday: &str) -> String {
        English.dom_and_dow_if_also(weekday)
    }
    fn dom_and_dow_if_also_one_of(&self, weekdays: &str) -> String {
        English.dom_and_dow_if_also_one_of(weekdays)
    }
    fn list_conjunction_and(&self) -> &'static str {
        English.list_conjunction_and()
    }
    fn list_conjunction_or(&self) -> &'static str {
        English.list_conjunction_or()
    }
    fn list_conjunction_and_comma(&self) -> &'static str {
        English.list_conjunction_and_comma()
    }
    fn day_of_week_names(&self) -> [&'static str; 7] {
        English.day_of_week_names()
    }
    fn month_names(&self) -> [&'static str; 12] {
        English.month_names()
    }
    fn every_past_phrase(&self, every: &str, hours: &str) -> String {
        format!("{every}, {hours}")
    }
    fn every_x_months(&self, step: u16) -> String {
        format!("every {} month", ordinal(step))
    }
    fn past_hour_phrase(&self, hours: &str) -> String {
        self.hour_phrase(hours)
    }
}

#[cfg(test)]
mod tests {
    use croner::parser::{CronParser, Seconds, Year};

    use super::*;

    #[test]
    fn expressions_become_sentences() {
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Optional).build();
        for (expression, expected) in [
            ("* * * * *", "Every minute."),
            ("*/15 * * * *", "Every 15 minutes."),
            ("0 * * * *", "At minute 0 of every hour."),
            ("5,35 * * * *", "At minutes 5 and 35 of every hour."),
            ("0 */2 * * *", "At minute 0, in every 2nd hour."),
            ("* 9-17 * * *", "Every minute, in hours 9-17."),
            ("* */3 * * *", "Every minute, in every 3rd hour."),
            (
                "*/15 9-17 * * 1-5",
                "Every 15 minutes, in hours 9-17, on Monday, Tuesday, Wednesday, Thursday, and Friday.",
            ),
            ("30 2 1 * *", "At 02:30, on day 1 of the month."),
            ("0 0 1,15 * 1", "At 00:00, on days 1 and 15 of the month or Monday."),
            ("0 0 1 * +MON", "At 00:00, on day 1 of the month (if it is also Monday)."),
            ("0 12 L * *", "At 12:00, on the last day of the month."),
            ("0 12 15W * *", "At 12:00, on the working day nearest to day 15 of the month."),
            ("0 12 * * MON#2", "At 12:00, on the 2nd Monday of the month."),
            ("@yearly", "At 00:00, on day 1 of the month, in January."),
            ("*/10 * * * * *", "Every 10 seconds."),
            ("15 30 9 * * *", "At 09:30:15."),
            ("0 0 0 1 1 * 2030", "At 00:00, on day 1 of the month, in January, in year 2030."),
            ("0 0 1 */3 *", "At 00:00, on day 1 of the month, in every 3rd month."),
        ] {
            assert_eq!(describe(&parser.parse(expression).unwrap()), expected, "{expression}");
        }
    }

    #[test]
    fn steps_that_are_no_rhythm_are_told_as_lists() {
        for (expression, expected) in [
            ("0-30/10 * * * *", "At minutes 0, 10, 20, and 30 of every hour."),
            ("*/25 * * * *", "At minutes 0, 25, and 50 of every hour."),
            ("0 0-12/6 * * *", "At minute 0, in hours 0, 6, and 12."),
            ("0 0 1 2-12/5 *", "At 00:00, on day 1 of the month, in February, July, and December."),
        ] {
            assert_eq!(describe(&CronParser::new().parse(expression).unwrap()), expected, "{expression}");
        }
    }

    #[test]
    fn ordinals_have_their_endings() {
        assert_eq!(
            [2, 3, 4, 11, 12, 21, 22].map(ordinal),
            ["2nd", "3rd", "4th", "11th", "12th", "21st", "22nd"]
        );
    }
}

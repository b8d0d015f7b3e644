//! Dates and times as people write them in English, and in the numeric styles that have one meaning.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;

const DATES: [&str; 14] = [
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%A %d %B %Y",
    "%A %B %d %Y",
    "%a %d %b %Y",
    "%a %b %d %Y",
    "%d-%b-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%G-W%V-%u",
    "%Y-%j",
];

const TIMES: [&str; 8] =
    ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"];

/// The wall-clock time that `text` says; midnight for a date alone.
pub(super) fn read(text: &str) -> Option<DateTime> {
    let text = plain(text);
    if let Some(date) = date(&text).or_else(|| slashed(&text)) {
        return Some(date.to_datetime(Time::midnight()));
    }
    // The time is the last word, or the last two (`2:30 pm`).
    let spaces = text.rmatch_indices(' ').map(|(at, _)| at).take(2);
    spaces
        .filter_map(|at| text.split_at_checked(at))
        .find_map(|(day, rest)| Some(date(day).or_else(|| slashed(day))?.to_datetime(time(rest)?)))
}

/// The time of day that `text` says.
pub(super) fn time(text: &str) -> Option<Time> {
    let text = text.trim().to_ascii_uppercase();
    TIMES.iter().find_map(|format| strtime::parse(format, &text).ok()?.to_time().ok())
}

/// Why `text`, which was not understood, has more than one meaning.
pub(super) fn ambiguous(text: &str) -> Option<&'static str> {
    let day = text.split_whitespace().next()?;
    let [first, second, _] = numbers(day)?;
    ((1..=12).contains(&first) && (1..=12).contains(&second)).then_some(
        "where day and month can't be told apart: write it as YYYY-MM-DD, or set `format` to `%d/%m/%Y` or `%m/%d/%Y`",
    )
}

/// Without the words and signs that carry nothing: commas, `at`, `of`, `the`, and the `th` of `4th`.
fn plain(text: &str) -> String {
    let words = text.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    let words = words.filter(|word| !matches!(word.to_ascii_lowercase().as_str(), "at" | "of" | "the"));
    words.map(cardinal).collect::<Vec<_>>().join(" ")
}

fn cardinal(word: &str) -> &str {
    let number = word.get(..word.len().saturating_sub(2)).unwrap_or_default();
    let ending = word.get(number.len()..).unwrap_or_default().to_ascii_lowercase();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && matches!(ending.as_str(), "st" | "nd" | "rd" | "th") { number } else { word }
}

/// Years have four digits: `1/2/3` and `5.1.24` are anybody's guess.
fn date(text: &str) -> Option<Date> {
    let mut dates = DATES.iter().filter_map(|format| strtime::parse(format, text).ok()?.to_date().ok());
    dates.find(|date| date.year() >= 1000)
}

/// `25/12/2024` and `12/25/2024`: only where one of the two numbers can't be a month, or both are equal.
fn slashed(text: &str) -> Option<Date> {
    let [first, second, year] = numbers(text)?;
    let (month, day) = match (first, second) {
        (first, second) if first > 12 => (second, first),
        (first, second) if second > 12 || first == second => (first, second),
        _ => return None,
    };
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn numbers(text: &str) -> Option<[i16; 3]> {
    let mut numbers = text.split('/').map(|number| number.parse::<i16>().ok());
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    let [_, _, year] = found;
    (numbers.next().is_none() && year >= 1000).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_dates_are_read() {
        for (text, expected) in [
            ("15 January 2024", "2024-01-15T00:00:00"),
            ("January 15, 2024", "2024-01-15T00:00:00"),
            ("Jan 5 2024 at 3:30 pm", "2024-01-05T15:30:00"),
            ("Monday, January 15th, 2024 09:05", "2024-01-15T09:05:00"),
            ("the 1st of March 2024", "2024-03-01T00:00:00"),
            ("Mon Jan 15 2024 10:00:30", "2024-01-15T10:00:30"),
            ("15-Jan-2024", "2024-01-15T00:00:00"),
            ("2024/01/05 7pm", "2024-01-05T19:00:00"),
            ("5.1.2024", "2024-01-05T00:00:00"),
            ("25/12/2024", "2024-12-25T00:00:00"),
            ("12/25/2024 08:00", "2024-12-25T08:00:00"),
            ("03/03/2024", "2024-03-03T00:00:00"),
            ("2024-W03-1", "2024-01-15T00:00:00"),
            ("2024-060", "2024-02-29T00:00:00"),
        ] {
            assert_eq!(read(text).map(|wall| wall.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_not_read() {
        for text in [
            "",
            "01/02/2024",
            "32/01/2024",
            "January",
            "15 Smarch 2024",
            "Tuesday, January 15, 2024",
            "1/2/3",
            "5.1.24",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("14:30", Some("14:30:00")),
            ("14:30:15.5", Some("14:30:15.5")),
            ("2:30 pm", Some("14:30:00")),
            ("12am", Some("00:00:00")),
            ("12 PM", Some("12:00:00")),
            ("25:00", None),
            ("14", None),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_date_with_two_meanings_is_called_that() {
        assert!(ambiguous("01/02/2024").is_some());
        assert!(ambiguous("01/02/2024 10:00").is_some());
        assert!(ambiguous("13/02/2024").is_none());
        assert!(ambiguous("soon").is_none());
    }
}

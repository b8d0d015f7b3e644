//! Dates as feeds have them, right and wrong.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::Offset;

/// News aren't older.
const FIRST_YEAR: i16 = 1980;

/// The moment, to the second and in UTC: `2024-07-01T12:00:00Z`. None if it is no date.
pub(super) fn read(written: &str) -> Option<String> {
    let written = written.trim();
    if written.len() > 100 {
        return None;
    }
    let time = rfc3339(written).or_else(|| rfc2822(written)).or_else(|| local(written))?;
    let utc = Offset::UTC.to_datetime(time);
    (FIRST_YEAR..=9999).contains(&utc.year()).then(|| utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn rfc3339(written: &str) -> Option<Timestamp> {
    written.parse().ok()
}

/// As in mail. The weekday is often wrong, so it doesn't count.
fn rfc2822(written: &str) -> Option<Timestamp> {
    let without = written.split_once(',').map_or(written, |(_, rest)| rest).trim();
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(without).ok()
}

/// Without a zone it is taken for UTC.
fn local(written: &str) -> Option<Timestamp> {
    let moment = written.parse::<DateTime>().ok().or_else(|| written.parse::<Date>().ok().map(Date::into));
    Offset::UTC.to_timestamp(moment?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_feeds_write_them() {
        for (written, expected) in [
            ("2024-07-01T14:30:00+02:00", Some("2024-07-01T12:30:00Z")),
            ("2024-07-01T12:30:00.123Z", Some("2024-07-01T12:30:00Z")),
            ("Mon, 01 Jul 2024 14:30:00 +0200", Some("2024-07-01T12:30:00Z")),
            ("Sun, 1 Jul 2024 12:30 GMT", Some("2024-07-01T12:30:00Z")),
            ("01 Jul 24 07:30:00 EST", Some("2024-07-01T12:30:00Z")),
            ("Monday, 01 Jul 2024 12:30:00 UT", Some("2024-07-01T12:30:00Z")),
            ("2024-07-01 12:30:00", Some("2024-07-01T12:30:00Z")),
            ("2024-07-01", Some("2024-07-01T00:00:00Z")),
            ("0000-00-00T00:00:00Z", None),
            ("1970-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
            ("99 Foo 2024 99:99:99 +9999", None),
        ] {
            assert_eq!(read(written).as_deref(), expected, "{written}");
        }
    }
}

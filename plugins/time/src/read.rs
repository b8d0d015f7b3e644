//! From text to a moment: the formats that people, programs and mails write.
//!
//! What could mean two dates (`01/02/2024`) is refused, not guessed.

use cofferdam_sdk::prelude::*;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::{rfc2822, temporal};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::local::{Ambiguous, Resolved, out_of_range, resolve};

mod custom;
mod written;

pub(crate) use custom::custom;

/// Longest moment that is read, in characters.
pub(crate) const MAX_MOMENT: usize = 100;

/// What a text is read against.
pub(crate) struct Reader {
    /// The present moment, for `now`, `today` and times without a date.
    pub(crate) now: Timestamp,
    /// The zone of texts that name none.
    pub(crate) zone: Option<TimeZone>,
    /// What to do at clock changes.
    pub(crate) ambiguous: Ambiguous,
}

/// A moment that was read.
#[derive(Debug)]
pub(crate) struct Read {
    /// The moment, in the zone that the text named, or else in the reader's.
    pub(crate) zoned: Zoned,
    /// How the text was understood, in a few words.
    pub(crate) format: &'static str,
    /// What had to be decided.
    pub(crate) note: Option<String>,
}

/// What a text says, before a zone is applied.
enum Said {
    Moment(Zoned),
    Wall(DateTime),
}

impl Reader {
    /// A reader whose zone is UTC when none is named.
    pub(crate) fn new(now: Timestamp, zone: Option<&str>, ambiguous: Ambiguous) -> Result<Self> {
        let zone = zone.map(crate::zone::parse).transpose()?;
        Ok(Self { now, zone: Some(zone.unwrap_or(TimeZone::UTC)), ambiguous })
    }

    /// The moment that `text` says; `argument` names it in errors.
    pub(crate) fn read(&self, argument: &str, text: &str) -> Result<Read> {
        let text = text.trim();
        let (said, format) = self
            .relative(text)?
            .or_else(|| unix(text))
            .map(Ok)
            .or_else(|| iso(text, self.ambiguous).transpose())
            .or_else(|| mail(text).map(Ok))
            .or_else(|| self.time_of_day(text).map(Ok))
            .or_else(|| written::read(text).map(|wall| Ok((Said::Wall(wall), "written date"))))
            .unwrap_or_else(|| Err(unreadable(argument, text)))?;
        self.place(argument, text, said, format)
    }

    fn place(&self, argument: &str, text: &str, said: Said, format: &'static str) -> Result<Read> {
        match (said, &self.zone) {
            (Said::Moment(zoned), _) => Ok(Read { zoned, format, note: None }),
            (Said::Wall(wall), Some(zone)) => {
                let Resolved { zoned, note } = resolve(wall, zone, self.ambiguous)?;
                Ok(Read { zoned, format, note })
            }
            (Said::Wall(_), None) => Err(ToolError::invalid(format!(
                "`{argument}` is `{text}`, which has no time zone: add an offset (`2024-07-01T14:30+02:00`) or name the zone"
            ))),
        }
    }

    fn relative(&self, text: &str) -> Result<Option<(Said, &'static str)>> {
        let days = match text.to_ascii_lowercase().as_str() {
            "now" => {
                let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
                return Ok(Some((Said::Moment(self.now.to_zoned(zone)), "now")));
            }
            "yesterday" => -1,
            "today" => 0,
            "tomorrow" => 1,
            _ => return Ok(None),
        };
        let day =
            self.today().checked_add(jiff::Span::new().days(days)).map_err(|error| out_of_range(&error))?;
        Ok(Some((Said::Wall(day.to_datetime(Time::midnight())), "relative day")))
    }

    /// A time without a date means today.
    fn time_of_day(&self, text: &str) -> Option<(Said, &'static str)> {
        let time = written::time(text)?;
        Some((Said::Wall(self.today().to_datetime(time)), "time of today"))
    }

    fn today(&self) -> Date {
        self.now.to_zoned(self.zone.clone().unwrap_or(TimeZone::UTC)).date()
    }
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits; `@` always means seconds.
fn unix(text: &str) -> Option<(Said, &'static str)> {
    let utc = |timestamp: Timestamp| Said::Moment(timestamp.to_zoned(TimeZone::UTC));
    if let Some(seconds) = text.strip_prefix('@') {
        return Some((utc(decimal_seconds(seconds)?), "unix seconds"));
    }
    let number = text.strip_prefix('-').unwrap_or(text);
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) || whole.len() < 9 {
        return None;
    }
    let (timestamp, format) = match whole.len() {
        9..=11 => (decimal_seconds(text)?, "unix seconds"),
        12..=14 => (Timestamp::from_millisecond(text.parse().ok()?).ok()?, "unix milliseconds"),
        15..=17 => (Timestamp::from_microsecond(text.parse().ok()?).ok()?, "unix microseconds"),
        _ => (Timestamp::from_nanosecond(text.parse().ok()?).ok()?, "unix nanoseconds"),
    };
    Some((utc(timestamp), format))
}

fn decimal_seconds(text: &str) -> Option<Timestamp> {
    let (negative, size) = text.strip_prefix('-').map_or((false, text), |size| (true, size));
    let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: i128 = whole.parse().ok().filter(|_| !whole.starts_with(['+', '-']))?;
    let nanoseconds: i128 = format!("{fraction:0<9}").parse().ok()?;
    let total = seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)?;
    Timestamp::from_nanosecond(if negative { -total } else { total }).ok()
}

/// ISO 8601, RFC 3339 and RFC 9557 (`[Europe/Oslo]`).
fn iso(text: &str, ambiguous: Ambiguous) -> Result<Option<(Said, &'static str)>> {
    let Ok(pieces) = temporal::Pieces::parse(text) else { return Ok(None) };
    if pieces.time_zone_annotation().is_some() {
        let parser = temporal::DateTimeParser::new().disambiguation(ambiguous.into());
        let zoned = parser.parse_zoned(text).map_err(|error| {
            ToolError::invalid(format!(
                "`{text}` contradicts itself: {error}; write the offset or the zone, not both"
            ))
        })?;
        return Ok(Some((Said::Moment(zoned), "ISO 8601 with a zone")));
    }
    let wall = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    let Some(offset) = pieces.to_numeric_offset() else {
        let format = if pieces.time().is_some() { "ISO 8601 without an offset" } else { "ISO 8601 date" };
        return Ok(Some((Said::Wall(wall), format)));
    };
    Ok(Some((Said::Moment(at_offset(wall, offset)?), "ISO 8601 with an offset")))
}

fn at_offset(wall: DateTime, offset: Offset) -> Result<Zoned> {
    let zone = if offset == Offset::UTC { TimeZone::UTC } else { TimeZone::fixed(offset) };
    wall.to_zoned(zone).map_err(|error| out_of_range(&error))
}

/// RFC 2822 mails and HTTP headers.
fn mail(text: &str) -> Option<(Said, &'static str)> {
    let zoned = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some((Said::Moment(zoned), "RFC 2822"))
}

fn unreadable(argument: &str, text: &str) -> ToolError {
    if let Some(reason) = written::ambiguous(text) {
        return ToolError::invalid(format!("`{argument}` is `{text}`, {reason}"));
    }
    ToolError::invalid(format!(
        "`{argument}` is `{text}`, expected a date or time such as `2024-07-01T14:30:00+02:00`, `2024-07-01 14:30`, \
         `1 July 2024 2:30 pm`, `14:30` (today), `now`, `@1719837000` (unix seconds) or an RFC 2822 date"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn reader(zone: Option<&str>) -> Reader {
        Reader {
            now: "2024-07-01T10:00:00Z".parse().unwrap(),
            zone: zone.map(|zone| TimeZone::get(zone).unwrap()),
            ambiguous: Ambiguous::Compatible,
        }
    }

    #[test]
    fn moments_are_read_from_many_formats() {
        let reader = reader(Some("Europe/Oslo"));
        for (text, expected, format) in [
            ("now", "2024-07-01T12:00:00+02:00[Europe/Oslo]", "now"),
            ("Tomorrow", "2024-07-02T00:00:00+02:00[Europe/Oslo]", "relative day"),
            ("2024-01-15", "2024-01-15T00:00:00+01:00[Europe/Oslo]", "ISO 8601 date"),
            ("20240115", "2024-01-15T00:00:00+01:00[Europe/Oslo]", "ISO 8601 date"),
            ("2024-01-15 14:30", "2024-01-15T14:30:00+01:00[Europe/Oslo]", "ISO 8601 without an offset"),
            ("2024-01-15T14:30:00.5Z", "2024-01-15T14:30:00.5+00:00[UTC]", "ISO 8601 with an offset"),
            ("2024-01-15T14:30-05:00", "2024-01-15T14:30:00-05:00[-05:00]", "ISO 8601 with an offset"),
            ("2024-01-15T14:30[Asia/Tokyo]", "2024-01-15T14:30:00+09:00[Asia/Tokyo]", "ISO 8601 with a zone"),
            ("1719837000", "2024-07-01T12:30:00+00:00[UTC]", "unix seconds"),
            ("1719837000.25", "2024-07-01T12:30:00.25+00:00[UTC]", "unix seconds"),
            ("@0", "1970-01-01T00:00:00+00:00[UTC]", "unix seconds"),
            ("@-1.5", "1969-12-31T23:59:58.5+00:00[UTC]", "unix seconds"),
            ("1719837000123", "2024-07-01T12:30:00.123+00:00[UTC]", "unix milliseconds"),
            ("1719837000123456", "2024-07-01T12:30:00.123456+00:00[UTC]", "unix microseconds"),
            ("1719837000123456789", "2024-07-01T12:30:00.123456789+00:00[UTC]", "unix nanoseconds"),
            ("Mon, 15 Jan 2024 14:30:00 +0100", "2024-01-15T14:30:00+01:00[+01:00]", "RFC 2822"),
            ("Mon, 15 Jan 2024 14:30:00 GMT", "2024-01-15T14:30:00+00:00[UTC]", "RFC 2822"),
            ("15:45", "2024-07-01T15:45:00+02:00[Europe/Oslo]", "time of today"),
            ("3pm", "2024-07-01T15:00:00+02:00[Europe/Oslo]", "time of today"),
            ("15 January 2024", "2024-01-15T00:00:00+01:00[Europe/Oslo]", "written date"),
        ] {
            let read = reader.read("moment", text).unwrap();
            assert_eq!((read.zoned.to_string().as_str(), read.format), (expected, format), "{text}");
        }
    }

    #[test]
    fn unreadable_text_is_refused_with_examples() {
        for text in ["", "soon", "2024-13-01", "2024-02-30", "25:00", "12", "2024", "@", "@1e9", "@--1"] {
            let error = reader(Some("UTC")).read("moment", text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`moment` is `{text}`, expected a date or time such as")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_moment_without_a_zone_needs_one() {
        let error = reader(None).read("moment", "2024-07-01 14:30").unwrap_err().to_string();
        assert!(error.contains("which has no time zone: add an offset"), "{error}");
    }

    #[test]
    fn a_zone_that_contradicts_the_offset_is_refused() {
        let error =
            reader(None).read("moment", "2024-07-01T14:30+05:00[Europe/Oslo]").unwrap_err().to_string();
        assert!(error.contains("contradicts itself"), "{error}");
    }
}

//! Reading with a format that the caller gives, in the language of `strptime`.

use cofferdam_sdk::prelude::*;
use jiff::civil::Time;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

use super::{Read, Reader, Said};

/// The moment that `text` says in `format`.
pub(crate) fn custom(reader: &Reader, argument: &str, text: &str, format: &str) -> Result<Read> {
    let parsed =
        strtime::parse(format, text.trim()).map_err(|error| mismatch(argument, text, format, &error))?;
    let said = said(&parsed).map_err(|error| mismatch(argument, text, format, &error))?;
    reader.place(argument, text, said, "custom format")
}

fn said(parsed: &BrokenDownTime) -> std::result::Result<Said, jiff::Error> {
    if let Some(timestamp) = parsed.timestamp() {
        return Ok(Said::Moment(timestamp.to_zoned(TimeZone::UTC)));
    }
    if parsed.offset().is_some() || parsed.iana_time_zone().is_some() {
        return parsed.to_zoned().map(Said::Moment);
    }
    match parsed.to_datetime() {
        Ok(wall) => Ok(Said::Wall(wall)),
        Err(_) => Ok(Said::Wall(parsed.to_date()?.to_datetime(Time::midnight()))),
    }
}

fn mismatch(argument: &str, text: &str, format: &str, error: &jiff::Error) -> ToolError {
    ToolError::invalid(format!(
        "`{argument}` is `{text}`, which does not fit the format `{format}`: {error}; \
         the codes are those of strptime, e.g. `%d/%m/%Y %H:%M`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::tests::reader;
    use super::*;

    #[test]
    fn texts_are_read_by_the_format_given() {
        let reader = reader(Some("Europe/Oslo"));
        for (text, format, expected) in [
            ("01/02/2024", "%d/%m/%Y", "2024-02-01T00:00:00+01:00[Europe/Oslo]"),
            ("2024-02-01 09h05", "%Y-%m-%d %Hh%M", "2024-02-01T09:05:00+01:00[Europe/Oslo]"),
            ("01.02.24 10:00 -0500", "%d.%m.%y %H:%M %z", "2024-02-01T10:00:00-05:00[-05:00]"),
            ("2024-02-01 10:00 Asia/Tokyo", "%Y-%m-%d %H:%M %Q", "2024-02-01T10:00:00+09:00[Asia/Tokyo]"),
            ("1719837000", "%s", "2024-07-01T12:30:00+00:00[UTC]"),
        ] {
            let read = custom(&reader, "input", text, format).unwrap();
            assert_eq!(read.zoned.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_does_not_fit_is_refused() {
        for (text, format) in
            [("1 Feb", "%d/%m/%Y"), ("10:00", "%H:%M"), ("2024-02-30", "%Y-%m-%d"), ("x", "%!")]
        {
            let error = custom(&reader(Some("UTC")), "input", text, format).unwrap_err().to_string();
            assert!(error.contains(&format!("does not fit the format `{format}`")), "{error}");
        }
    }
}

//! The tool `parse`: any way to write a date and time, into all the usual ones.

use cofferdam_sdk::prelude::*;
use jiff::fmt::{rfc2822, strtime};
use jiff::{Timestamp, Zoned};

use crate::local::Ambiguous;
use crate::read::{self, Reader};
use crate::shown::{Moment, iso};
use crate::zone;

/// Longest format, in characters.
const MAX_FORMAT: usize = 200;

/// What to read, and how to write it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The date and time: ISO 8601, RFC 2822, unix seconds to nanoseconds (`1719837000`, `@1719837000`),
    /// English (`1 July 2024 2:30 pm`), a time of today (`14:30`), `now`, `today`, or anything with `format`.
    #[schemars(length(min = 1, max = read::MAX_MOMENT))]
    input: String,
    /// How to read `input`, in the codes of strptime, e.g. `%d/%m/%Y %H:%M`. Absent: recognised by itself.
    #[schemars(length(min = 1, max = MAX_FORMAT))]
    #[serde(default)]
    format: Option<String>,
    /// The time zone of an `input` that names none, and the zone of all results: an IANA name, an unambiguous
    /// city or an offset. Absent means the zone that `input` names, or else UTC.
    #[schemars(length(min = 1, max = zone::MAX_ZONE))]
    #[serde(default)]
    zone: Option<String>,
    /// Also write the moment in this format, in the codes of strftime, e.g. `%A, %-d %B %Y at %H:%M %Z`.
    #[schemars(length(min = 1, max = MAX_FORMAT))]
    #[serde(default)]
    output: Option<String>,
    /// What a local time means that happens twice or never because clocks change. `compatible`: the first of
    /// two, and one that never happens moves forward. `earlier` and `later` choose. `reject` refuses it.
    #[serde(default)]
    ambiguous: Ambiguous,
}

/// One moment in the usual ways of writing.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Parsed {
    /// How `input` was understood.
    pub(crate) recognised: String,
    /// The moment.
    pub(crate) moment: Moment,
    /// The moment in UTC, ISO 8601.
    pub(crate) utc: String,
    /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
    pub(crate) unix_milliseconds: i64,
    /// RFC 2822, as in mails; absent before the year 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rfc2822: Option<String>,
    /// RFC 9110, as in HTTP headers; absent before the year 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<String>,
    /// The moment in the format of `output`; absent when none was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) formatted: Option<String>,
    /// What had to be decided about the local time; absent when it was plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// Read a date and time in almost any format and write it as ISO 8601, unix time, RFC 2822, HTTP date and, if
/// you like, in a format of your own. Use it to understand, check or reformat dates; what could mean two dates
/// (`01/02/2024`) is refused until `format` says which.
#[tool(title = "Read and write dates", read_only, idempotent, open_world = false)]
pub(crate) fn parse(args: Args) -> Result<Parsed> {
    from(Timestamp::now(), &args)
}

fn from(now: Timestamp, args: &Args) -> Result<Parsed> {
    let reader = Reader::new(now, args.zone.as_deref(), args.ambiguous)?;
    let read = match &args.format {
        Some(format) => read::custom(&reader, "input", &args.input, format)?,
        None => reader.read("input", &args.input)?,
    };
    let zoned = match &args.zone {
        Some(zone) => read.zoned.with_time_zone(zone::parse(zone)?),
        None => read.zoned,
    };
    let timestamp = zoned.timestamp();
    Ok(Parsed {
        recognised: read.format.to_owned(),
        moment: Moment::of(&zoned),
        utc: iso(&timestamp.to_zoned(jiff::tz::TimeZone::UTC)).replace("+00:00", "Z"),
        unix_milliseconds: timestamp.as_nanosecond().div_euclid(1_000_000).try_into().unwrap_or_default(),
        rfc2822: rfc2822::to_string(&zoned).ok(),
        http: rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp).ok(),
        formatted: args.output.as_deref().map(|format| written(format, &zoned)).transpose()?,
        note: read.note,
    })
}

fn written(format: &str, zoned: &Zoned) -> Result<String> {
    strtime::format(format, zoned).map_err(|error| {
        ToolError::invalid(format!(
            "`output` is `{format}`, which is not a format: {error}; the codes are those of strftime, e.g. `%Y-%m-%d %H:%M`"
        ))
    })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Parsed> {
        let now = "2024-07-01T10:00:00Z".parse().unwrap();
        from(now, &serde_json::from_value(args).unwrap())
    }

    #[test]
    fn a_moment_is_written_in_every_way() {
        let parsed = call(json!({
            "input": "1 July 2024 2:30 pm", "zone": "Europe/Oslo", "output": "%A, %-d %B %Y at %H:%M %Z",
        }))
        .unwrap();
        assert_eq!(parsed.recognised, "written date");
        assert_eq!(parsed.moment.iso, "2024-07-01T14:30:00+02:00");
        assert_eq!(parsed.utc, "2024-07-01T12:30:00Z");
        assert_eq!((parsed.moment.unix, parsed.unix_milliseconds), (1_719_837_000, 1_719_837_000_000));
        assert_eq!(parsed.rfc2822.as_deref(), Some("Mon, 1 Jul 2024 14:30:00 +0200"));
        assert_eq!(parsed.http.as_deref(), Some("Mon, 01 Jul 2024 12:30:00 GMT"));
        assert_eq!(parsed.formatted.as_deref(), Some("Monday, 1 July 2024 at 14:30 CEST"));
        assert_eq!(parsed.note, None);
    }

    #[test]
    fn a_format_decides_what_a_date_means() {
        let error = call(json!({"input": "01/02/2024"})).unwrap_err().to_string();
        assert!(error.contains("day and month can't be told apart"), "{error}");
        let parsed = call(json!({"input": "01/02/2024", "format": "%d/%m/%Y"})).unwrap();
        assert_eq!(
            (parsed.utc.as_str(), parsed.recognised.as_str()),
            ("2024-02-01T00:00:00Z", "custom format")
        );
    }

    #[test]
    fn unix_time_is_shown_in_the_zone() {
        let parsed = call(json!({"input": "1719837000", "zone": "New York"})).unwrap();
        assert_eq!(parsed.moment.iso, "2024-07-01T08:30:00-04:00");
    }

    #[test]
    fn what_can_not_be_written_is_left_out() {
        let parsed = call(json!({"input": "-000044-03-15"})).unwrap();
        assert_eq!((parsed.rfc2822, parsed.http), (None, None));
    }

    #[test]
    fn a_wrong_output_format_is_refused() {
        let error = call(json!({"input": "now", "output": "%!"})).unwrap_err().to_string();
        assert!(error.starts_with("`output` is `%!`, which is not a format"), "{error}");
    }

    #[test]
    fn the_tool_itself_answers() {
        assert_eq!(
            mock::Host::new().call::<super::parse>(json!({"input": "@0"})).unwrap().utc,
            "1970-01-01T00:00:00Z"
        );
    }
}

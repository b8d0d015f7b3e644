//! How every tool shows a moment.

use cofferdam_sdk::prelude::*;
use jiff::Zoned;
use jiff::tz::Dst;

use crate::zone;

/// A moment in one time zone.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Moment {
    /// The moment in ISO 8601 (RFC 3339) with its offset, e.g. `2024-07-01T14:30:00+02:00`.
    pub(crate) iso: String,
    /// The time zone: its IANA name, or its offset.
    pub(crate) zone: String,
    /// The zone's abbreviation at that moment, e.g. `CEST`.
    pub(crate) abbreviation: String,
    /// Whether daylight saving time is in force.
    pub(crate) daylight_saving: bool,
    /// Day of the week in English.
    pub(crate) weekday: String,
    /// ISO week, e.g. `2024-W27`.
    pub(crate) iso_week: String,
    /// Day of the year, from 1.
    pub(crate) day_of_year: i16,
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    pub(crate) unix: i64,
}

impl Moment {
    /// Shows a moment.
    pub(crate) fn of(zoned: &Zoned) -> Self {
        let info = zoned.time_zone().to_offset_info(zoned.timestamp());
        let week = zoned.date().iso_week_date();
        Self {
            iso: iso(zoned),
            zone: zone::name(zoned.time_zone()),
            abbreviation: info.abbreviation().to_owned(),
            daylight_saving: info.dst() == Dst::Yes,
            weekday: zoned.strftime("%A").to_string(),
            iso_week: format!("{:04}-W{:02}", week.year(), week.week()),
            day_of_year: zoned.day_of_year(),
            unix: zoned.timestamp().as_nanosecond().div_euclid(1_000_000_000).try_into().unwrap_or_default(),
        }
    }
}

/// A moment in ISO 8601 with its offset.
pub(crate) fn iso(zoned: &Zoned) -> String {
    format!("{}{}", zoned.datetime(), zone::format_offset(zoned.offset()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_whole() {
        let zoned: Zoned = "2024-07-01T14:30:00.25+02:00[Europe/Oslo]".parse().unwrap();
        let expected = Moment {
            iso: "2024-07-01T14:30:00.25+02:00".to_owned(),
            zone: "Europe/Oslo".to_owned(),
            abbreviation: "CEST".to_owned(),
            daylight_saving: true,
            weekday: "Monday".to_owned(),
            iso_week: "2024-W27".to_owned(),
            day_of_year: 183,
            unix: 1_719_837_000,
        };
        assert_eq!(Moment::of(&zoned), expected);
    }

    #[test]
    fn seconds_before_1970_round_down() {
        let zoned: Zoned = "1969-12-31T23:59:59.5+00:00[UTC]".parse().unwrap();
        assert_eq!(Moment::of(&zoned).unix, -1);
    }
}

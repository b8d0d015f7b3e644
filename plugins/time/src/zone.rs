//! Time zones from what people write, and the name that a zone is shown with.
//!
//! The IANA database is part of the component: no file of the host is read. Abbreviations such as `PST` are
//! not guessed at, because most of them mean several zones.

use cofferdam_sdk::prelude::*;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{self, TimeZone};

/// Longest zone that is read, in characters.
pub(crate) const MAX_ZONE: usize = 100;

/// The zone that `text` names: an IANA name (`Europe/Oslo`), its city (`Oslo`), or an offset (`+05:30`, `UTC-3`).
pub(crate) fn parse(text: &str) -> Result<TimeZone> {
    let text = text.trim();
    let named = fixed(text).or_else(|| iana(text)).or_else(|| city(text));
    named.ok_or_else(|| unknown(text))
}

/// The name of a zone, or its offset when it has none.
pub(crate) fn name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => format_offset(offset),
        (None, Err(_)) => "unnamed".to_owned(),
    }
}

/// An offset as ISO 8601 has it: `+01:00`, with seconds only where there are any.
pub(crate) fn format_offset(offset: tz::Offset) -> String {
    let seconds = offset.seconds();
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
    match seconds {
        0 => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

fn fixed(text: &str) -> Option<TimeZone> {
    if text.eq_ignore_ascii_case("z") || text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("gmt")
    {
        return Some(TimeZone::UTC);
    }
    let upper = text.to_ascii_uppercase();
    // `UTC+2` as people mean it, two hours ahead; as a POSIX rule it would be two hours behind.
    let offset = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT")).unwrap_or(&upper);
    let (sign, digits) = offset.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let padded = match digits.find(':').unwrap_or(digits.len()) {
        1 => format!("{sign}0{digits}"),
        _ => offset.to_owned(),
    };
    DateTimeParser::new().parse_time_zone(&padded).ok()
}

fn iana(text: &str) -> Option<TimeZone> {
    tz::db().get(&text.replace(' ', "_")).ok().filter(|zone| !zone.is_unknown())
}

/// The zone whose name ends with this city. Of several in one area all but the longest are old names for it:
/// `America/Buenos_Aires` is `America/Argentina/Buenos_Aires`.
fn city(text: &str) -> Option<TimeZone> {
    let names = candidates(text);
    let area = |name: &String| name.split('/').next().map(str::to_owned);
    let first = names.first()?;
    if names.iter().any(|name| area(name) != area(first)) {
        return None;
    }
    tz::db().get(names.iter().max_by_key(|name| name.matches('/').count())?).ok()
}

fn candidates(text: &str) -> Vec<String> {
    let wanted = text.replace(' ', "_").to_ascii_lowercase();
    let ends_so = |name: &str| name.to_ascii_lowercase().rsplit('/').next() == Some(wanted.as_str());
    tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| name.contains('/') && !is_legacy(name) && ends_so(name))
        .collect()
}

/// Old copies of other zones, such as `posix/…` and `US/…`.
fn is_legacy(name: &str) -> bool {
    ["posix/", "right/", "Etc/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn unknown(text: &str) -> ToolError {
    let found = similar(text);
    let hint = if found.is_empty() {
        "use a name such as `Europe/Berlin` or `America/New_York`, or an offset such as `+02:00`".to_owned()
    } else {
        format!("did you mean {}?", found.join(", "))
    };
    ToolError::invalid(format!("`{text}` is not a time zone: {hint}"))
}

fn similar(text: &str) -> Vec<String> {
    let wanted = text.replace(' ', "_").to_ascii_lowercase();
    let city = wanted.rsplit('/').next().unwrap_or_default().to_owned();
    if city.len() < 3 {
        return Vec::new();
    }
    tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| !is_legacy(name) && name.to_ascii_lowercase().contains(&city))
        .take(5)
        .map(|name| format!("`{name}`"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read_from_names_cities_and_offsets() {
        for (text, expected) in [
            ("Europe/Oslo", "Europe/Oslo"),
            ("europe/oslo", "Europe/Oslo"),
            ("America/New York", "America/New_York"),
            ("new york", "America/New_York"),
            ("Oslo", "Europe/Oslo"),
            ("Buenos Aires", "America/Argentina/Buenos_Aires"),
            ("UTC", "UTC"),
            ("z", "UTC"),
            ("+05:30", "+05:30"),
            ("-03", "-03:00"),
            ("UTC+2", "+02:00"),
            ("GMT-11:30", "-11:30"),
            ("utc+5:45", "+05:45"),
            ("Etc/GMT+5", "Etc/GMT+5"),
        ] {
            assert_eq!(name(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn an_unknown_zone_is_refused_with_near_names() {
        for (text, hint) in [
            ("Europe/Osl", "did you mean `Europe/Oslo`?"),
            ("Mars/Base", "use a name such as `Europe/Berlin`"),
            ("PST", "did you mean `PST8PDT`?"),
            ("", "use a name such as"),
            ("+25:99", "use a name such as"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}

//! Dates and times: the server counts days and microseconds from the year 2000, people write ISO 8601.

use std::fmt::Write as _;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;
/// From 1970 to 2000.
const EPOCH_DAYS: i64 = 10_957;

/// `2024-05-01`; `infinity` for the ends of time, ` BC` after years before 1.
pub(super) fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => {
            let (text, bc) = calendar(i64::from(days));
            text + bc
        }
    }
}

/// `2024-05-01T12:00:00.5`, with `zone` after it.
pub(super) fn timestamp(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        micros => {
            let (day, bc) = calendar(micros.div_euclid(DAY));
            format!("{day}T{}{zone}{bc}", time(micros.rem_euclid(DAY)))
        }
    }
}

/// `12:00:00.5`.
pub(super) fn time(micros: i64) -> String {
    let (seconds, fraction) = (micros / SECOND, micros % SECOND);
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        // Writing to a string doesn't fail.
        let _ = write!(text, ".{fraction:06}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}

/// `+02:00`, from seconds west of Greenwich.
pub(super) fn zone(west: i32) -> String {
    let (sign, seconds) = if west > 0 { ('-', west) } else { ('+', west.saturating_neg()) };
    let mut text = format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 {
        let _ = write!(text, ":{:02}", seconds % 60);
    }
    text
}

/// Howard Hinnant's `civil_from_days`.
fn calendar(days: i64) -> (String, &'static str) {
    let z = days + EPOCH_DAYS + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (shown, bc) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{shown:04}-{month:02}-{day:02}"), bc)
}

fn days_from(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468 - EPOCH_DAYS
}

/// What a text of a date, a time or both says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// From 2000-01-01 on.
    pub(super) days: Option<i64>,
    /// Of the day.
    pub(super) micros: Option<i64>,
    /// Seconds east of Greenwich.
    pub(super) east: Option<i64>,
}

impl Moment {
    /// From ISO 8601, with `T` or a space between date and time, and ` BC` at the end.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (text, bc) = match text.strip_suffix(" BC") {
            Some(text) => (text, true),
            None => (text, false),
        };
        if !text.contains('-') || text.find(':').is_some_and(|colon| colon < 3) {
            let (micros, east) = clock(text)?;
            return (!bc).then_some(Self { days: None, micros: Some(micros), east });
        }
        let (date, clock_text) = match text.split_once(['T', 't', ' ']) {
            Some((date, clock_text)) => (date, Some(clock_text)),
            None => (text, None),
        };
        let days = Some(day(date, bc)?);
        let Some(clock_text) = clock_text else { return Some(Self { days, micros: None, east: None }) };
        let (micros, east) = clock(clock_text)?;
        Some(Self { days, micros: Some(micros), east })
    }

    /// Microseconds from 2000 on; a date alone is its midnight.
    pub(super) fn instant(&self) -> Option<i64> {
        self.days?.checked_mul(DAY)?.checked_add(self.micros.unwrap_or(0))
    }
}

fn day(text: &str, bc: bool) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() < 4 || year.len() > 7 {
        return None;
    }
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    if year == 0 {
        return None;
    }
    let year = if bc { 1 - year } else { year };
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    let most = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    (1..=most).contains(&day).then(|| days_from(year, month, day))
}

fn clock(text: &str) -> Option<(i64, Option<i64>)> {
    let (time, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at_checked(at)?,
        None => (text, ""),
    };
    let mut parts = time.trim_end().split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second = parts.next().unwrap_or("0");
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    if parts.next().is_some() || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let second = digits(second)?;
    // Beyond microseconds the server rounds; here the rest is cut off.
    let micros = digits(&format!("{fraction:0<6}").chars().take(6).collect::<String>())?;
    digits(fraction)?;
    let full = hour == 24 && minute == 0 && second == 0 && micros == 0;
    if !(full || hour < 24) || minute > 59 || second > 59 {
        return None;
    }
    Some((((hour * 60 + minute) * 60 + second) * SECOND + micros, east(zone)?))
}

fn east(zone: &str) -> Option<Option<i64>> {
    let (sign, rest) = match zone.split_at_checked(1) {
        None => return Some(None),
        Some(("Z" | "z", "")) => return Some(Some(0)),
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some((hours, minutes)), _) => (hours, minutes),
        (None, 4) => rest.split_at_checked(2)?,
        (None, _) => (rest, "0"),
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 16 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

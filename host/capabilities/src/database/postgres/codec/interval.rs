//! Spans of time: months, days and microseconds, each for itself, as the server keeps them.

use super::time::DAY;

const SECOND: i64 = 1_000_000;

/// A span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) micros: i64,
}

impl Interval {
    /// ISO 8601: `P1Y2M3DT4H5M6.7S`, with a sign for each part.
    pub(super) fn text(self) -> String {
        let mut text = "P".to_owned();
        let mut part = |value: i64, unit: char| {
            if value != 0 {
                text.push_str(&format!("{value}{unit}"));
            }
        };
        part(i64::from(self.months / 12), 'Y');
        part(i64::from(self.months % 12), 'M');
        part(i64::from(self.days), 'D');
        if self.micros != 0 {
            text.push('T');
            text.push_str(&clock(self.micros));
        }
        if text == "P" { "PT0S".to_owned() } else { text }
    }

    /// From ISO 8601, or from words such as `1 day 02:00`, `3 months`, `-90 minutes`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('P') {
            Some(rest) => parse_iso(rest),
            None => parse_words(text),
        }
    }

    fn add(&mut self, value: &str, unit: &str) -> Option<()> {
        let (whole, micros_per) = match unit {
            "year" => {
                self.months = self.months.checked_add(value.parse::<i32>().ok()?.checked_mul(12)?)?;
                return Some(());
            }
            "month" => {
                self.months = self.months.checked_add(value.parse().ok()?)?;
                return Some(());
            }
            "week" => {
                self.days = self.days.checked_add(value.parse::<i32>().ok()?.checked_mul(7)?)?;
                return Some(());
            }
            "day" => {
                self.days = self.days.checked_add(value.parse().ok()?)?;
                return Some(());
            }
            "hour" => (value, 3600 * SECOND),
            "minute" => (value, 60 * SECOND),
            "second" => (value, SECOND),
            "millisecond" => (value, 1000),
            "microsecond" => (value, 1),
            _ => return None,
        };
        self.micros = self.micros.checked_add(scaled(whole, micros_per)?)?;
        Some(())
    }
}

fn clock(micros: i64) -> String {
    let mut text = String::new();
    let (hours, minutes) = (micros / (3600 * SECOND), micros / (60 * SECOND) % 60);
    if hours != 0 {
        text.push_str(&format!("{hours}H"));
    }
    if minutes != 0 {
        text.push_str(&format!("{minutes}M"));
    }
    let rest = micros % (60 * SECOND);
    if rest != 0 {
        let sign = if rest < 0 { "-" } else { "" };
        let rest = rest.unsigned_abs();
        let seconds = format!("{}.{:06}", rest / 1_000_000, rest % 1_000_000);
        text.push_str(&format!("{sign}{}S", seconds.trim_end_matches('0').trim_end_matches('.')));
    }
    text
}

/// `1.5` times a unit, in microseconds.
fn scaled(value: &str, unit: i64) -> Option<i64> {
    let (sign, value) = match value.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if whole.is_empty()
        || fraction.len() > 9
        || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let part = match fraction {
        "" => 0,
        text => {
            let scale = 10_i128.pow(u32::try_from(text.len()).ok()?);
            i64::try_from(text.parse::<i128>().ok()? * i128::from(unit) / scale).ok()?
        }
    };
    whole.checked_add(part)?.checked_mul(sign)
}

fn parse_iso(text: &str) -> Option<Interval> {
    let mut interval = Interval::default();
    let (date, time) = text.split_once('T').map_or((text, ""), |(date, time)| (date, time));
    let mut any = false;
    for (part, units) in [
        (date, [('Y', "year"), ('M', "month"), ('W', "week"), ('D', "day")].as_slice()),
        (time, [('H', "hour"), ('M', "minute"), ('S', "second")].as_slice()),
    ] {
        let mut rest = part;
        while !rest.is_empty() {
            let at = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (value, after) = rest.split_at_checked(at)?;
            let letter = after.chars().next()?;
            let (_, unit) = units.iter().find(|(of, _)| *of == letter)?;
            interval.add(value, unit)?;
            any = true;
            rest = after.get(1..)?;
        }
    }
    any.then_some(interval)
}

fn parse_words(text: &str) -> Option<Interval> {
    let mut interval = Interval::default();
    let mut words = text.split_ascii_whitespace();
    let mut any = false;
    while let Some(value) = words.next() {
        if value.contains(':') {
            let (sign, clock) = match value.strip_prefix('-') {
                Some(rest) => (-1, rest),
                None => (1, value),
            };
            let micros = super::time::Moment::parse(clock)?.micros.filter(|micros| *micros < DAY)?;
            interval.micros = interval.micros.checked_add(micros.checked_mul(sign)?)?;
        } else {
            let unit = words.next()?.to_ascii_lowercase();
            let unit = match unit.as_str() {
                "mon" | "mons" => "month",
                "min" | "mins" => "minute",
                "sec" | "secs" => "second",
                unit => unit.strip_suffix('s').unwrap_or(unit),
            };
            interval.add(value, unit)?;
        }
        any = true;
    }
    any.then_some(interval)
}

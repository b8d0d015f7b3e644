//! Sizes and times as an operator writes them: `"64 MiB"`, `"500ms"`, or a plain number.

use std::{borrow::Cow, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A value with a unit: how one limit is written in the operator's file, and how it is shown.
pub trait Quantity: Copy + fmt::Display + Serialize + for<'de> Deserialize<'de> + JsonSchema {
    /// The value in its base unit: bytes, milliseconds, or a count.
    fn value(self) -> u64;
    /// From the base unit.
    fn of(value: u64) -> Self;
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $units:expr, $base:literal, $pattern:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(u64);

        impl Quantity for $name {
            fn value(self) -> u64 {
                self.0
            }
            fn of(value: u64) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_in_units(f, self.0, $units)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match $units.len() {
                    1 => serializer.serialize_u64(self.0),
                    _ => serializer.collect_str(self),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(QuantityVisitor { units: $units, expected: $expected }).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "description": $expected,
                    "anyOf": [
                        { "type": "integer", "minimum": 1, "description": $base },
                        { "type": "string", "pattern": $pattern },
                    ],
                })
            }
        }
    };
}

quantity!(
    /// A number of bytes.
    Bytes,
    &[("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)],
    "bytes",
    "^[0-9_]+ *(B|KiB|MiB|GiB)$",
    "a size such as \"64 MiB\" (units B, KiB, MiB, GiB), or a number of bytes"
);
quantity!(
    /// A time, in milliseconds.
    Millis,
    &[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)],
    "milliseconds",
    "^[0-9_]+ *(ms|s|m|h)$",
    "a time such as \"30s\" (units ms, s, m, h), or a number of milliseconds"
);
quantity!(
    /// A plain number of things.
    Count,
    &[("", 1)],
    "a number",
    "^[0-9_]+$",
    "a whole number, such as 1_000"
);

impl Millis {
    /// As a [`Duration`].
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

type Units = &'static [(&'static str, u64)];

/// Writes the value in the largest unit that divides it, so that what is shown reads back as the same value.
fn write_in_units(f: &mut fmt::Formatter<'_>, value: u64, units: Units) -> fmt::Result {
    for (unit, factor) in units {
        if value >= *factor && value.is_multiple_of(*factor) {
            let space = if factor > &1 && unit.ends_with('B') { " " } else { "" };
            return write!(f, "{}{space}{unit}", value / factor);
        }
    }
    write!(f, "{value}")
}

struct QuantityVisitor {
    units: Units,
    expected: &'static str,
}

impl de::Visitor<'_> for QuantityVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
        u64::try_from(value).map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        parse(text, self.units).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

fn parse(text: &str, units: Units) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.replace('_', "").parse().ok()?;
    let unit = unit.trim();
    let factor = match units.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => *factor,
        // A bare number in a string (from the environment) is in the base unit.
        None if unit.is_empty() => 1,
        None => return None,
    };
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<u64> {
        Bytes::deserialize(de::value::StrDeserializer::<de::value::Error>::new(text))
            .ok()
            .map(Quantity::value)
    }

    #[test]
    fn sizes_read_with_and_without_a_unit() {
        for (text, value) in
            [("1", 1), ("10 B", 10), ("64 MiB", 64 << 20), ("64MiB", 64 << 20), ("1_000KiB", 1_024_000)]
        {
            assert_eq!(bytes(text), Some(value), "{text}");
        }
        for bad in ["", "MiB", "-1", "1.5 MiB", "64 MB", "64 mib", "unlimited", "99999999999 GiB", "1 MiB x"]
        {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same_value() {
        for value in [1, 1023, 1024, 1025, 64 << 20, 3 << 30, 1_000_000] {
            assert_eq!(bytes(&Bytes::of(value).to_string()), Some(value));
        }
        for (value, shown) in [(1, "1ms"), (1500, "1500ms"), (30_000, "30s"), (3_600_000, "1h")] {
            assert_eq!(Millis::of(value).to_string(), shown);
        }
        assert_eq!(Bytes::of(64 << 20).to_string(), "64 MiB");
        assert_eq!(Count::of(32).to_string(), "32");
    }
}

//! Numbers, sizes and times of the operator's file: the default where nothing is written, and the bounds.
//!
//! Those of the limits are in `cofferdam_policy`.

use std::{ops::RangeInclusive, time::Duration};

use cofferdam_policy::units::{Bytes, Count, Millis, Quantity};

use super::resolve::Fault;

/// A number of things.
pub(super) fn number(
    key: [&str; 2],
    value: Option<u32>,
    default: u32,
    bounds: RangeInclusive<u32>,
) -> Result<u32, Fault> {
    let value = value.unwrap_or(default);
    let (min, max) = (u64::from(*bounds.start()), u64::from(*bounds.end()));
    within(key, Count::of(value.into()), min..=max).map(|_| value)
}

/// A number of bytes.
pub(super) fn size(
    key: [&str; 2],
    value: Option<Bytes>,
    default: u64,
    bounds: RangeInclusive<u64>,
) -> Result<u64, Fault> {
    within(key, value.unwrap_or(Bytes::of(default)), bounds).map(Quantity::value)
}

/// A time; default and bounds are in milliseconds.
pub(super) fn time(
    key: [&str; 2],
    value: Option<Millis>,
    default: u64,
    bounds: RangeInclusive<u64>,
) -> Result<Duration, Fault> {
    within(key, value.unwrap_or(Millis::of(default)), bounds).map(Millis::duration)
}

fn within<Q: Quantity>(key: [&str; 2], value: Q, bounds: RangeInclusive<u64>) -> Result<Q, Fault> {
    if bounds.contains(&value.value()) {
        return Ok(value);
    }
    let (min, max) = (Q::of(*bounds.start()), Q::of(*bounds.end()));
    Err(Fault::new(&key, format!("expected {min} to {max}, found {value}")))
}

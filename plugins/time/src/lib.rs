//! The plugin `time`: the clock, time zones, date arithmetic and cron.
//!
//! The time zone database is part of the component. The only thing it takes from the host is the present moment.

use cofferdam_sdk::prelude::*;

mod add;
mod business;
mod convert;
mod cron;
mod difference;
mod local;
mod now;
mod parse;
mod read;
mod shown;
mod zone;

plugin!(add::add, convert::convert, cron::cron, difference::difference, now::now, parse::parse);

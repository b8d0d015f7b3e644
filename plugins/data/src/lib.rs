//! The plugin `data`: questions about CSV and JSON that are passed in as text.
//!
//! Every tool is a pure function of its arguments; the plugin asks for no capability. Numbers keep the digits
//! that they were written with.

use cofferdam_sdk::prelude::*;

mod aggregate;
mod bounds;
mod condition;
mod convert;
mod filter;
mod input;
mod json;
mod number;
mod order;
mod page;
mod query;
mod statistics;
mod summary;
mod table;

plugin!(aggregate::aggregate, convert::convert, filter::filter, query::query, statistics::statistics);

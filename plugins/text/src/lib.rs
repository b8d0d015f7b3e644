//! The plugin `text`: exact work on texts that a language model should not do by eye.
//!
//! Every tool is a pure function of its arguments; the plugin asks for no capability.

use cofferdam_sdk::prelude::*;

mod bounds;
mod case;
mod count;
mod diff;
mod lines;
mod pattern;
mod replace;
mod search;
mod slug;
mod template;

plugin!(case::case, count::count, diff::diff, replace::replace, search::search);

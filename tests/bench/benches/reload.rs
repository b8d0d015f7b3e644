//! The host while its plugins change: how long it takes, and what calls notice. `-- --help` says what can be chosen.

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
};

use cofferdam_bench::reload::{self, Options, USAGE};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().any(|argument| argument == "--help") {
        return Ok(writeln!(stdout(), "{USAGE}")?);
    }
    reload::drive(&Options::parse(env::args().skip(1))?)
}

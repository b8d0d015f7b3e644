//! The host under load, beside a native server in the same run. `-- --help` says what can be chosen.

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
};

use cofferdam_bench::{Options, USAGE, drive};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().any(|argument| argument == "--help") {
        return Ok(writeln!(stdout(), "{USAGE}")?);
    }
    drive(&Options::parse(env::args().skip(1))?)
}

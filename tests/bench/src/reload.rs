//! The host while its plugins change: from a file to its announcement, calls during swaps, starts, and a stress.

mod announce;
mod host;
mod listener;
mod options;
mod start;
mod stress;
mod swap;
mod touch;

use std::{error::Error, io};

use tokio::runtime::Builder;

pub use self::options::{Options, Part, USAGE};
use crate::{artefacts::Artefacts, machine, report::Report};

/// Runs what the options say, and prints what it measured.
///
/// # Errors
/// If something can't be built, started or measured, or the host answers wrongly.
pub fn drive(options: &Options) -> Result<(), Box<dyn Error>> {
    let artefacts = if options.build { Artefacts::build()? } else { Artefacts::as_they_are() };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(parts(options, &artefacts))?)
}

async fn parts(options: &Options, artefacts: &Artefacts) -> io::Result<()> {
    let machine = machine::describe();
    let mut report = Report::start(&format!("{machine}rounds   {}; medians\n", options.rounds))?;
    if options.wants(Part::Announce) {
        announce::measure(options, artefacts, &mut report).await?;
    }
    if options.wants(Part::Swap) {
        swap::measure(options, artefacts, &mut report).await?;
    }
    if options.wants(Part::Touch) {
        touch::measure(options, artefacts, &mut report).await?;
    }
    if options.wants(Part::Start) {
        start::measure(options, artefacts, &mut report).await?;
    }
    if options.wants(Part::Stress) {
        stress::measure(options, artefacts, &mut report).await?;
    }
    report.targets()
}

//! Starts with many small plugins, until the host says where it serves.

use std::{fs, io};

use super::{
    Options,
    announce::{cached, ms},
    host::{Ground, Host},
};
use crate::{
    artefacts::{Artefacts, copies},
    measure::median,
    report::{Limit, Report},
};

/// Plugins of the smaller start.
const FEW: usize = 100;
const MOST_FEW: Limit = Limit { what: "start with 100 small plugins, warm", most: 100.0, unit: "ms" };
const MOST_MANY: Limit = Limit { what: "start with 1 000 small plugins, warm", most: 1_000.0, unit: "ms" };
/// Starts that compile everything take long.
const COLD_ROUNDS: usize = 3;

/// Starts without plugins, with few, and with many.
pub(super) async fn measure(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    let mut rows = Vec::new();
    let none = warm(options, artefacts, 0).await?;
    let mut row = |name: &str, found: f64| {
        rows.push(vec![name.to_owned(), format!("{found:.1}"), format!("{:.1}", found / none)]);
    };
    row("no plugin", none);
    let few = warm(options, artefacts, FEW).await?;
    row("100 plugins, in the cache", few);
    let many = warm(options, artefacts, options.plugins).await?;
    row(&format!("{} plugins, in the cache", options.plugins), many);
    row("100 plugins, cold", cold(options, artefacts, FEW).await?);
    report.table("Start, until the host serves", &["", "ms", "to none"], &rows)?;
    report.limit(MOST_FEW, few)?;
    if options.plugins == 1_000 {
        report.limit(MOST_MANY, many)?;
    }
    Ok(())
}

async fn warm(options: &Options, artefacts: &Artefacts, count: usize) -> io::Result<f64> {
    let ground = ground(artefacts, count)?;
    let first = Host::start(artefacts, &ground).await?;
    first.until("plugin loaded", count).await?;
    drop(first);
    let mut times = Vec::new();
    for _ in 0..options.rounds {
        let host = Host::start(artefacts, &ground).await?;
        times.push(ms(host.ready));
        let loaded = host.events("plugin loaded")?;
        if loaded.len() != count || !loaded.iter().all(cached) {
            return Err(io::Error::other(format!("expected {count} plugins out of the cache at a start")));
        }
    }
    Ok(median(times))
}

async fn cold(options: &Options, artefacts: &Artefacts, count: usize) -> io::Result<f64> {
    let ground = ground(artefacts, count)?;
    let mut times = Vec::new();
    for _ in 0..options.rounds.min(COLD_ROUNDS) {
        ground.empty_cache()?;
        times.push(ms(Host::start(artefacts, &ground).await?.ready));
    }
    Ok(median(times))
}

fn ground(artefacts: &Artefacts, count: usize) -> io::Result<Ground> {
    let ground = Ground::new()?;
    fs::create_dir_all(ground.plugins())?;
    copies(&artefacts.echo, &ground.plugins(), "echo", count)?;
    Ok(ground)
}

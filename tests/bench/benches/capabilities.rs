//! What a capability adds to the plain library behind it, in this process. `-- --help` says what can be chosen.
//!
//! A call of a plugin does one thing many times, and so does a task that uses the library itself; the two take turns. What
//! a call costs that does nothing is subtracted: the path of a call is measured by `call`.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what can't be set up can't be measured"
)]

#[path = "capabilities/cache.rs"]
mod cache;
#[path = "capabilities/database.rs"]
mod database;
#[path = "capabilities/host.rs"]
mod host;
#[path = "capabilities/http.rs"]
mod http;
#[path = "capabilities/pairs.rs"]
mod pairs;
#[path = "../../../host/capabilities/tests/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "its tests use the rest")]
mod postgres;
#[path = "capabilities/upstream.rs"]
mod upstream;
#[path = "capabilities/wait.rs"]
mod wait;

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
};

use cofferdam_bench::{
    Artefacts, Report,
    capabilities::{Options, Part, USAGE},
    describe,
};
use tokio::runtime::Builder;

use self::{host::Host, upstream::Upstream};

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().any(|argument| argument == "--help") {
        return Ok(writeln!(stdout(), "{USAGE}")?);
    }
    let options = Options::parse(env::args().skip(1))?;
    let artefacts = if options.build { Artefacts::build()? } else { Artefacts::as_they_are() };
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(parts(&options, &artefacts))?)
}

async fn parts(options: &Options, artefacts: &Artefacts) -> std::io::Result<()> {
    let head = format!(
        "{}rounds   {} pairs; medians of the pairs, {} operations of each call\n",
        describe(),
        options.rounds,
        options.times
    );
    let mut report = Report::start(&head)?;
    let shop = if options.wants(Part::Database) { database::Shop::start() } else { None };
    let upstream = Upstream::start();
    let host = Host::start(&artefacts.capable, &upstream, shop.as_ref()).await;
    if options.wants(Part::Database) {
        database::measure(options, &host, shop.as_ref(), &mut report).await?;
    }
    if options.wants(Part::Http) {
        http::measure(options, &host, &upstream, &mut report).await?;
    }
    if options.wants(Part::Cache) {
        cache::measure(options, &host, &mut report).await?;
    }
    if options.wants(Part::Wait) {
        wait::measure(options, &host, &upstream, &mut report).await?;
    }
    report.targets()
}

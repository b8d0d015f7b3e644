//! Touches that change nothing: what they make the host do.

use std::{
    fs, io,
    time::{Duration, SystemTime},
};

use super::{
    Options,
    host::{Ground, Host},
    listener::Listener,
};
use crate::{
    artefacts::Artefacts,
    report::{Limit, Report},
};

const COMPILED: Limit = Limit { what: "compilations after touches that change nothing", most: 0.0, unit: "" };
/// Long enough for each to be noticed by itself.
const PERIOD: Duration = Duration::from_millis(150);

/// Touches a file, and writes it again as it was.
pub(super) async fn measure(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    let (ground, text) = (Ground::new()?, fs::read(&artefacts.text)?);
    ground.put("text", &text, 0)?;
    let host = Host::start(artefacts, &ground).await?;
    let mut listener = Listener::connect(host.address).await?;
    let before = host.events("plugin loaded")?.len();
    for touch in 0..options.rounds {
        if touch % 2 == 0 {
            let file = fs::File::options().write(true).open(ground.file("text"))?;
            file.set_modified(SystemTime::now())?;
        } else {
            ground.put("text", &text, 0)?;
        }
        tokio::time::sleep(PERIOD).await;
    }
    let compiled = host.events("plugin loaded")?.len() - before;
    let announced = listener.has_more().await?;
    let row = [
        options.rounds.to_string(),
        compiled.to_string(),
        if announced { "some" } else { "none" }.to_owned(),
    ];
    report.table(
        "Touches that change nothing",
        &["touches", "compilations", "announcements"],
        &[row.to_vec()],
    )?;
    report.limit(COMPILED, compiled as f64)
}

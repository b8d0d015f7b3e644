//! From a file's last byte to what a client hears of it.

use std::{
    fs, io,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Options,
    host::{Ground, Host},
    listener::Listener,
};
use crate::{
    artefacts::{Artefacts, marked},
    measure::median,
    report::{Limit, Report},
};

const COLD: Limit =
    Limit { what: "from `text`'s last byte to its announcement, cold", most: 400.0, unit: "ms" };
const WARM: Limit = Limit { what: "the same, in the compile cache", most: 200.0, unit: "ms" };
/// The steps that the host's log knows, in milliseconds.
const STEPS: [&str; 3] = ["read_ms", "compile_ms", "describe_ms"];

/// Each round puts a plugin that is new to the host, removes it, and puts it again.
pub(super) async fn measure(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    let ground = Ground::new()?;
    let host = Host::start(artefacts, &ground).await?;
    let mut listener = Listener::connect(host.address).await?;
    let text = fs::read(&artefacts.text)?;
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        let component = marked(&text, round);
        for times in [&mut cold, &mut warm] {
            pause(round).await;
            fs::write(ground.file("text"), &component)?;
            let written = Instant::now();
            listener.changed().await?;
            times.push(ms(written.elapsed()));
            fs::remove_file(ground.file("text"))?;
            listener.changed().await?;
        }
    }
    let loaded = host.until("plugin loaded", 2 * options.rounds).await?;
    let of = |cached: bool| {
        let loaded: Vec<_> = loaded.iter().filter(|event| event["cached"] == cached).cloned().collect();
        STEPS.map(|step| median(loaded.iter().filter_map(|event| event[step].as_f64()).collect()))
    };
    let rows = [("cold", &cold, of(false)), ("in the cache", &warm, of(true))];
    let rows = rows.map(|(name, times, [read, compile, describe])| {
        let whole = median(times.clone());
        let slowest = times.iter().copied().fold(0.0, f64::max);
        vec![
            name.to_owned(),
            format!("{whole:.0}"),
            format!("{slowest:.0}"),
            format!("{read:.1}"),
            format!("{compile:.1}"),
            format!("{describe:.1}"),
            format!("{:.1}", whole - read - compile - describe),
        ]
    });
    let head =
        ["", "all ms", "slowest ms", "read ms", "compile ms", "describe ms", "settling and the rest ms"];
    report.table("From a file to its announcement: `text`", &head, &rows)?;
    report.limit(COLD, median(cold))?;
    report.limit(WARM, median(warm))
}

/// The host rests, each time at another point of its own period.
async fn pause(round: usize) {
    tokio::time::sleep(Duration::from_millis(150 + (round as u64 * 37) % 100)).await;
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Whether the native code of a plugin that was loaded was known.
pub(super) fn cached(event: &Value) -> bool {
    event.get("cached").and_then(Value::as_bool).unwrap_or(false)
}

//! Many calls at once, each of which waits for an upstream: they wait together.

use std::{io, time::Instant};

use cofferdam_bench::{Limit, Report, capabilities::Options, median};
use hyper::Uri;
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    host::Host,
    http,
    upstream::{Upstream, WAIT},
};

const CALLS: usize = 32;
const TARGET: Limit = Limit { what: "32 calls at once that wait 50 ms each", most: 60.0, unit: "ms" };

/// Prints how long they take.
pub(crate) async fn measure(
    options: &Options,
    host: &Host,
    upstream: &Upstream,
    report: &mut Report,
) -> io::Result<()> {
    let url = upstream.url("wait");
    let uri: Uri = url.parse().expect("a valid address");
    let client = http::client();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    // The first round opens the connections, and doesn't count.
    for round in 0..=options.rounds {
        let pair = [
            together(|| {
                let (host, arguments) = (host.clone(), json!({ "url": url, "times": 1 }));
                async move { drop(host.call("send", arguments).await) }
            })
            .await,
            together(|| {
                let (client, uri) = (client.clone(), uri.clone());
                async move {
                    http::get(&client, &uri).await;
                }
            })
            .await,
        ];
        if round > 0 {
            ours.push(pair[0]);
            plain.push(pair[1]);
        }
    }
    let (ours, plain) = (median(ours), median(plain));
    let row = vec![
        format!("{CALLS} at once, each waits {} ms", WAIT.as_millis()),
        format!("{ours:.1}"),
        format!("{plain:.1}"),
    ];
    report.table("Waiting", &["", "ours ms", "plain ms"], &[row])?;
    report.limit(TARGET, ours)
}

/// Milliseconds until the last one is done.
async fn together<F: Future<Output = ()> + Send + 'static>(one: impl Fn() -> F) -> f64 {
    let start = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..CALLS {
        all.spawn(one());
    }
    all.join_all().await;
    start.elapsed().as_secs_f64() * 1e3
}

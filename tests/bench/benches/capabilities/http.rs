//! A request, against the pooled client that the host uses, used directly.

use std::io;

use bytes::Bytes;
use cofferdam_bench::{Limit, Report, capabilities::Options};
use http_body_util::{BodyExt as _, Empty};
use hyper::Uri;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::json;

use crate::{
    host::Host,
    pairs::{Pairs, table},
    upstream::Upstream,
};

const TARGET: Limit = Limit { what: "HTTP request to the plain client's", most: 1.2, unit: "" };

/// A client, set as the host's is.
pub(crate) fn client() -> Client<HttpConnector, Empty<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}

/// Asks, and reads the body whole; its length.
pub(crate) async fn get(client: &Client<HttpConnector, Empty<Bytes>>, url: &Uri) -> usize {
    let response = client.get(url.clone()).await.expect("the upstream answers");
    response.into_body().collect().await.expect("the answer is whole").to_bytes().len()
}

/// Prints the comparison.
pub(crate) async fn measure(
    options: &Options,
    host: &Host,
    upstream: &Upstream,
    report: &mut Report,
) -> io::Result<()> {
    let (client, url) = (client(), upstream.url(""));
    let uri: Uri = url.parse().expect("a valid address");
    let plain = |times: u64| {
        let (client, uri) = (client.clone(), uri.clone());
        async move {
            let mut bytes = 0;
            for _ in 0..times {
                bytes += get(&client, &uri).await;
            }
            json!(bytes)
        }
    };
    let pairs =
        Pairs::take(options.rounds, options.times, host, ("send", json!({ "url": url })), plain).await;
    table(report, "HTTP", &[pairs.row("a request, one at a time, 1 KiB comes back")])?;
    report.limit(TARGET, pairs.ratio())
}

//! A hit in the cache, against the library behind it: a look-up, and a copy of what was found.

use std::{hint::black_box, io};

use bytes::Bytes;
use cofferdam_bench::{Limit, Report, capabilities::Options};
use moka::future::Cache;
use serde_json::json;

use crate::{
    host::{BYTES, Host},
    pairs::{Pairs, table},
};

const TARGET: Limit = Limit { what: "cache hit over moka's", most: 3.0, unit: "µs" };

/// Prints the comparison.
pub(crate) async fn measure(options: &Options, host: &Host, report: &mut Report) -> io::Result<()> {
    let cache = Cache::<String, Bytes>::new(10_000);
    cache.insert("value".to_owned(), Bytes::from(vec![b'x'; BYTES])).await;
    let plain = |times: u64| {
        let cache = cache.clone();
        async move {
            let mut bytes = 0;
            for _ in 0..times {
                let found = cache.get(black_box("value")).await.expect("it is there");
                bytes += black_box(found.to_vec()).len();
            }
            json!(bytes)
        }
    };
    let pairs = Pairs::take(options.rounds, options.times, host, ("get", json!({})), plain).await;
    table(report, "Cache", &[pairs.row("a hit, 1 KiB")])?;
    report.limit(TARGET, pairs.difference())
}

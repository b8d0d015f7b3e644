//! The path of a call in this process: what the sandbox costs over a plain function, by wall clock and by CPU.
//!
//! - `function`: the tool as a function of this process, from JSON to JSON.
//! - `warm`: the same component in one live instance, called by the engine alone: what a fresh instance, limits and
//!   validation are measured against.
//! - `sandboxed`: a call through the runtime: arguments checked, a fresh instance, limits, the result checked.

#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "what can't be set up can't be measured")]

#[path = "call/clock.rs"]
mod clock;
#[path = "call/host.rs"]
mod host;
#[path = "call/warm.rs"]
mod warm;

use std::{env, hint::black_box};

use cofferdam_bench::{Artefacts, TEXT};
use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::Measurement as _};
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;

use self::{clock::Clock, host::Host, warm::Warm};

/// Plugins of the host with many of them.
const MANY: usize = 200;

fn main() {
    let build = env::var_os("NO_BUILD").is_none();
    let artefacts =
        if build { Artefacts::build().expect("everything builds") } else { Artefacts::as_they_are() };
    let (one, many) = (Host::start(&artefacts, 0), Host::start(&artefacts, MANY));
    for (name, clock) in [("wall", Clock::Wall), ("cpu", Clock::Cpu)] {
        let mut criterion = Criterion::default().with_measurement(clock).configure_from_args();
        count(criterion.benchmark_group(format!("{name}/text_count")), &artefacts, &one, &many);
        echo(criterion.benchmark_group(format!("{name}/echo")), &artefacts, &one, &many);
        at_once(criterion.benchmark_group(format!("{name}/echo, calls at once")), clock, &one);
        criterion.final_summary();
    }
}

type Group<'a> = BenchmarkGroup<'a, Clock>;

fn count(mut group: Group<'_>, artefacts: &Artefacts, one: &Host, many: &Host) {
    group.bench_function("function", |bencher| {
        bencher.iter(|| cofferdam_native_server::tool::run(black_box(arguments())));
    });
    let mut warm = Warm::start(&artefacts.text, "count", &arguments());
    group.bench_function("warm", |bencher| bencher.iter(|| warm.call()));
    sandboxed(&mut group, "sandboxed", one, &["text_count".to_owned()]);
    sandboxed(&mut group, "sandboxed, 200 more plugins", many, &["text_count".to_owned()]);
    group.finish();
}

fn echo(mut group: Group<'_>, artefacts: &Artefacts, one: &Host, many: &Host) {
    let mut warm = Warm::start(&artefacts.echo, "echo", &arguments());
    group.bench_function("warm", |bencher| bencher.iter(|| warm.call()));
    sandboxed(&mut group, "sandboxed", one, &["raw_echo".to_owned()]);
    let each: Vec<_> = (0..MANY).map(|number| format!("echo-{number}_echo")).collect();
    sandboxed(&mut group, "sandboxed, 200 plugins in turn", many, &each);
    group.finish();
}

/// How much more is done by two threads than by one.
fn at_once(mut group: Group<'_>, clock: Clock, host: &Host) {
    let callers = Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let (tool, arguments) = (host.tool("raw_echo"), arguments());
    group.throughput(Throughput::Elements(1));
    for at_once in [1, 2, 32] {
        group.bench_function(at_once.to_string(), |bencher| {
            bencher.iter_custom(|calls| {
                let start = clock.start();
                callers.block_on(host.calls(&tool, &arguments, calls, at_once));
                clock.end(start)
            });
        });
    }
    group.finish();
}

/// One call at a time, of these tools in turn.
fn sandboxed(group: &mut Group<'_>, name: &str, host: &Host, tools: &[String]) {
    let caller = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let mut tools = tools.iter().map(|tool| host.tool(tool)).collect::<Vec<_>>().into_iter().cycle();
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let tool = tools.next().expect("a cycle doesn't end");
            caller.block_on(host.call(tool, arguments()))
        });
    });
}

fn arguments() -> Map<String, Value> {
    match json!({ "text": TEXT }) {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

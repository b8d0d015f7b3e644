//! What a call costs: the parts that the benchmarks share, and the load driver.
//!
//! - `benches/call.rs`: the runtime in this process, by criterion.
//! - `benches/load.rs`: the host's release binary under load, beside a native server in the same run; [`drive`].
//! - `benches/reload.rs`: the same binary while its plugins change; [`reload`].
//! - `benches/capabilities.rs`: what a capability adds to the plain library, in this process; [`capabilities`].
//!
//! This measures only; what the host must do is said in the suites beside this package.

mod artefacts;
pub mod capabilities;
mod client;
mod drive;
mod machine;
mod measure;
mod memory;
mod options;
mod peer;
mod process;
pub mod reload;
mod report;
mod request;
mod server;

pub use self::{
    artefacts::{Artefacts, copies},
    drive::drive,
    machine::describe,
    measure::median,
    options::{Options, Part, USAGE},
    report::{Limit, Report},
    request::TEXT,
};

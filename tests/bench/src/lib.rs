//! What a call costs: the parts that both benchmarks share, and the load driver.
//!
//! - `benches/call.rs`: the runtime in this process, by criterion.
//! - `benches/load.rs`: the host's release binary under load, beside a native server in the same run; [`drive`].
//!
//! This measures only; what the host must do is said in the suites beside this package.

mod artefacts;
mod client;
mod drive;
mod machine;
mod measure;
mod memory;
mod options;
mod peer;
mod process;
mod report;
mod request;
mod server;

pub use self::{
    artefacts::{Artefacts, copies},
    drive::drive,
    options::{Options, Part, USAGE},
    request::TEXT,
};

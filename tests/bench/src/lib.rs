//! What a call costs: the parts that both benchmarks share, and the load driver.
//!
//! - `benches/call.rs`: the runtime in this process, by criterion.
//! - `benches/load.rs`: the host's release binary under load, next to a native server in the same run; [`drive`].
//!
//! Measures only; what the host must do is said in the suites beside this package.

mod artefacts;
mod client;
mod drive;
mod machine;
mod measure;
mod memory;
mod options;
mod process;
mod request;
mod server;
mod table;

pub use self::{
    artefacts::{Artefacts, copies},
    drive::drive,
    options::{Options, USAGE},
    request::TEXT,
};

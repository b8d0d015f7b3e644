//! `cofferdam dev`: builds every plugin crate of a directory, serves the directory, and builds a crate again
//! when its sources change.
//!
//! A crate that doesn't build stops neither the others nor the host: its error is shown, and what an earlier
//! build left of it is served. Putting a new component to serve is the host's reload, as for any other file.

mod sources;

use std::path::PathBuf;

use clap::Args;
use tokio_util::task::AbortOnDropHandle;

use self::sources::Sources;
use super::{Failure, build, out, serve};
use crate::{
    config::{Config, Flag},
    telemetry::Ring,
};

/// What `dev` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The directory of the plugin crates; the components are put beside them [default: the plugins directory,
    /// plugins]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    serve: serve::Arguments,
}

impl Arguments {
    /// The values that the flags set. What is built is what is served.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let directory = self.directory.iter().map(|directory| Flag::directory(&directory.to_string_lossy()));
        self.serve.flags().into_iter().chain(directory).collect()
    }
}

/// Builds, then serves until a signal, building again what changes.
pub(super) async fn run(config: Config, ring: Ring) -> Result<(), Failure> {
    // Before the first build: what is saved while it runs is built again.
    let sources = Sources::watch(&config.plugins_dir);
    build::directory(&config, &config.plugins_dir).await?;
    let _builds = match sources {
        Ok(sources) => Some(AbortOnDropHandle::new(tokio::spawn(follow(config.clone(), sources)))),
        Err(error) => {
            out::say(&format!("can't watch the sources, so changes need `cofferdam build`: {error}"));
            None
        }
    };
    serve::run(config, ring).await
}

/// Builds each crate whose sources change.
async fn follow(config: Config, mut sources: Sources) {
    while let Some(crates) = sources.next().await {
        if let Err(failure) = build::again(&config, &crates, &config.plugins_dir).await {
            failure.report();
        }
    }
}

//! `cofferdam dev`: builds every plugin crate of a directory, then serves the directory.
//!
//! A crate that doesn't build stops neither the others nor the host: its error is shown, and what an earlier
//! build left of it is served.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, build, serve};
use crate::config::{Config, Flag};

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

/// Builds, then serves until a signal.
pub(super) async fn run(config: Config) -> Result<(), Failure> {
    build::directory(&config, &config.plugins_dir).await?;
    serve::run(config).await
}

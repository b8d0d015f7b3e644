//! The command line: what can be asked of the program, and which file answers.
//!
//! Each command is one file in `cli/`. What is for people or programs to read goes to stdout, through [`out`];
//! the log goes to stderr. Nothing here speaks MCP: `serve` and `stdio` hand over to [`crate::app`].

mod admin;
mod approve;
mod build;
mod call;
mod config;
mod dev;
mod exit;
mod explain;
mod grant;
mod grants;
mod history;
mod inspect;
mod logs;
mod out;
mod plugin;
mod ps;
mod reload;
mod rollback;
mod sandbox;
mod serve;
mod stdin;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use cofferdam_runtime::compile::child::Confines;

pub(crate) use self::exit::{Exit, Failure};
use crate::{
    app,
    config::{Config, Flag, Given, Level, LogFormat, Origin},
    telemetry::{self, Ring},
};

/// An MCP server whose tools are sandboxed WebAssembly components.
///
/// Without a command: speaks MCP on stdin and stdout if stdin is a pipe, and serves HTTP otherwise.
#[derive(Debug, Parser)]
#[command(
    name = "cofferdam",
    version,
    after_help = "Example:\n  cofferdam dev plugins       build the plugins in plugins/ and serve them\n\n\
                  Exit codes: 0 fine, 1 the tool or the build failed, 2 usage, 3 configuration, \
                  4 plugin refused, 5 environment"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// The operator's file, in place of the first that is found
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory of the plugins
    #[arg(long, global = true, value_name = "DIR")]
    plugins: Option<PathBuf>,
    /// The least severe messages to show on stderr
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<Level>,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the tools over HTTP
    #[command(after_help = "Example:\n  cofferdam serve --plugins plugins --http 127.0.0.1:7331")]
    Serve(serve::Arguments),
    /// Serves the tools on stdin and stdout, to the client that started the program
    #[command(
        after_help = "Example, in a client's configuration:\n  cofferdam stdio --plugins /home/me/plugins"
    )]
    Stdio,
    /// Builds plugin crates to components
    #[command(after_help = build::EXAMPLES)]
    Build(build::Arguments),
    /// Builds every plugin crate in a directory, serves them, and builds again what changes
    #[command(after_help = "Example:\n  cofferdam dev plugins --http 127.0.0.1:0")]
    Dev(dev::Arguments),
    /// Calls one tool, and shows its result and what it used
    #[command(after_help = call::EXAMPLES)]
    Call(call::Arguments),
    /// Shows what a component is: what it imports, its tools and their schemas
    #[command(after_help = "Example:\n  cofferdam inspect plugins/text.wasm")]
    Inspect(inspect::Arguments),
    #[command(flatten)]
    Ask(admin::Command),
    /// Shows what changed in a plugin, and approves of it in cofferdam.lock
    #[command(after_help = approve::EXAMPLES)]
    Approve(approve::Arguments),
    /// Allows a plugin something, in cofferdam.toml
    #[command(after_help = grant::EXAMPLES)]
    Grant(grant::Arguments),
    /// Lists what plugins were granted
    #[command(after_help = "Examples:\n  cofferdam grants\n  cofferdam grants weather --json")]
    Grants(grants::Arguments),
    /// Takes back what a plugin was allowed
    #[command(after_help = grant::REVOKE_EXAMPLES)]
    Revoke(grant::RevokeArguments),
    /// Explains the code of an error
    #[command(after_help = "Example:\n  cofferdam explain C0101")]
    Explain(explain::Arguments),
    /// Compiles a component from stdin to stdout: what the host starts for each component
    #[command(hide = true, name = COMPILE)]
    Compile {
        /// Bytes of address space
        memory: u64,
        /// Seconds of processor time
        cpu: u64,
    },
    /// Shows and checks the operator's file
    #[command(subcommand)]
    Config(config::Command),
}

/// The command by which the program becomes its own compiler.
pub(crate) const COMPILE: &str = "compile-component";

impl Cli {
    /// Within what this process is to compile, if that is what it was started for.
    pub(crate) fn compiles(&self) -> Option<Confines> {
        match self.command {
            Some(Command::Compile { memory, cpu }) => Some(Confines { memory, cpu }),
            _ => None,
        }
    }
}

impl Command {
    /// The values that the command's own flags set.
    fn flags(&self) -> Vec<Flag> {
        match self {
            Self::Serve(arguments) => arguments.flags(),
            Self::Dev(arguments) => arguments.flags(),
            _ => Vec::new(),
        }
    }

    /// Whether plugins' requests are sent, or the file is to be checked as if they were.
    fn needs_secrets(&self) -> bool {
        self.serves() || matches!(self, Self::Call(_) | Self::Config(config::Command::Check { .. }))
    }

    /// Whether it goes on until it is stopped, and so keeps a log.
    fn serves(&self) -> bool {
        matches!(self, Self::Serve(_) | Self::Stdio | Self::Dev(_))
    }
}

/// Runs the command; what went wrong is said before this returns.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    match dispatch(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let command = match cli.command {
        Some(command) => command,
        None if stdin::is_a_client() => Command::Stdio,
        None => Command::Serve(serve::Arguments::default()),
    };
    // Neither needs a configuration, and what is wrong with one may be what is asked about.
    match &command {
        Command::Config(config::Command::Schema) => return config::schema(),
        Command::Explain(arguments) => return explain::run(arguments),
        _ => {}
    }
    let directory = cli.global.plugins.clone();
    let config = match (load(cli.global, &command), &command) {
        (Err(rejected), Command::Ask(question)) => {
            rejected.report();
            out::say("the host is looked for without the configuration");
            return admin::run(&admin::Wanted::by_directory(directory.as_deref()), question).await;
        }
        (loaded, _) => loaded?,
    };
    let ring = Ring::default();
    start_log(&config, command.serves().then(|| ring.clone()));
    match command {
        Command::Serve(_) => serve::run(config, ring).await,
        Command::Stdio => app::stdio(config, ring).await.map_err(Failure::from),
        Command::Build(arguments) => build::run(&config, &arguments).await,
        Command::Dev(_) => dev::run(config, ring).await,
        Command::Call(arguments) => call::run(&config, &arguments).await,
        Command::Inspect(arguments) => inspect::run(&config, &arguments).await,
        Command::Ask(question) => admin::run(&admin::Wanted::by(&config), &question).await,
        Command::Approve(arguments) => approve::run(&config, &arguments).await,
        Command::Grant(arguments) => grant::run(&config, &arguments),
        Command::Grants(arguments) => grants::run(&config, &arguments),
        Command::Revoke(arguments) => grant::revoke(&config, &arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Config(command) => config::run(&config, &command),
        Command::Compile { .. } => Err(Failure::new(Exit::Usage, "the host alone starts a compiler")),
    }
}

fn load(global: Global, command: &Command) -> Result<Config, Failure> {
    let mut flags: Vec<_> =
        global.plugins.iter().map(|path| Flag::plugins(&path.to_string_lossy())).collect();
    flags.extend(global.log_level.map(Flag::log_level));
    flags.extend(command.flags());
    let given = Given::here(global.config, flags).map_err(|error| {
        Failure::new(Exit::Environment, format!("can't tell the working directory: {error}"))
    })?;
    Ok(Config::load(&Given { without_secrets: !command.needs_secrets(), ..given })?)
}

/// A flag goes before `COFFERDAM_LOG`, and that before the configuration. A command that only answers is quiet,
/// unless it was told otherwise, save for what a plugin prints.
fn start_log(config: &Config, ring: Option<Ring>) {
    let serves = ring.is_some();
    let level = config.log.level.as_str();
    let variable = std::env::var("COFFERDAM_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = match (config.origin(&["log", "level"]), variable) {
        (Origin::Flag(_), _) => level.to_owned(),
        (_, Some(filter)) => filter,
        (Origin::Default, None) if !serves => "warn,cofferdam::plugin=info".to_owned(),
        (_, None) => level.to_owned(),
    };
    let format = match config.log.format {
        LogFormat::Auto if !serves => telemetry::Format::Pretty,
        LogFormat::Auto => telemetry::Format::Auto,
        LogFormat::Pretty => telemetry::Format::Pretty,
        LogFormat::Json => telemetry::Format::Json,
    };
    telemetry::start(&filter, format, ring);
}

#[cfg(test)]
mod tests;

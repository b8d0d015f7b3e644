//! The compiler process: reads a component from stdin, writes native code behind its length to stdout, and can do
//! nothing else.
//!
//! Before it reads a byte it gives up what it could misuse: memory and processor time beyond the limits, new
//! file descriptors of any kind (so no file, no socket, no pipe), the file system, other programs, core dumps.
//! And it stands back behind calls, which somebody waits for.

use std::{
    io::{self, Read as _, Write as _},
    process::ExitCode,
};

use nix::sys::resource::{Resource, setrlimit};

use super::CompileError;
use crate::engine;

/// The component doesn't compile: the reason is on stderr.
pub(super) const INVALID: u8 = 1;
/// The process can't be confined or can't read: the reason is on stderr.
pub(super) const UNFIT: u8 = 2;

/// What this process may use.
#[derive(Debug, Clone, Copy)]
pub struct Confines {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of processor time.
    pub cpu: u64,
}

/// Compiles what is on stdin, confined. Call it first thing in `main`: before there are threads, open files,
/// or anything of value in memory.
#[must_use]
pub fn main(confines: Confines) -> ExitCode {
    let compiled = confine(confines).and_then(|()| {
        let mut component = Vec::new();
        io::stdin().lock().read_to_end(&mut component)?;
        Ok(component)
    });
    match compiled.map(|component| compile(&component)) {
        Ok(Ok(native)) => match write(&native) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(UNFIT, &error.to_string()),
        },
        Ok(Err(CompileError::Invalid(reason))) => fail(INVALID, &reason),
        Ok(Err(error)) => fail(UNFIT, &error.to_string()),
        Err(error) => fail(UNFIT, &error.to_string()),
    }
}

fn compile(component: &[u8]) -> Result<Vec<u8>, CompileError> {
    let engine = engine::compiler().map_err(|error| CompileError::Internal(error.to_string()))?;
    engine.precompile_component(component).map_err(|error| CompileError::invalid(&error))
}

fn write(native: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    // Its length first, so that the reader makes room once.
    stdout.write_all(&(native.len() as u64).to_le_bytes())?;
    stdout.write_all(native)?;
    stdout.flush()
}

fn fail(exit: u8, reason: &str) -> ExitCode {
    // If nobody listens, the exit code has to do.
    let _ = io::stderr().lock().write_all(reason.as_bytes());
    ExitCode::from(exit)
}

/// How much a compilation stands back behind calls, where the machine can't do both: the scale goes to 19.
const STAND_BACK: i32 = 10;

fn confine(confines: Confines) -> io::Result<()> {
    close_inherited()?;
    no_files()?;
    // Where that isn't granted, compiling goes on as before.
    let _ = rustix::process::nice(STAND_BACK);
    setrlimit(Resource::RLIMIT_AS, confines.memory, confines.memory)?;
    // At the first limit the process is told, at the second it is ended.
    setrlimit(Resource::RLIMIT_CPU, confines.cpu, confines.cpu + 1)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    // stdin, stdout and stderr are all there will ever be.
    setrlimit(Resource::RLIMIT_NOFILE, 3, 3)?;
    Ok(())
}

/// Whoever started the host may have left files open for its children.
fn close_inherited() -> io::Result<()> {
    let open: Vec<i32> = std::fs::read_dir("/dev/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    for file in open.into_iter().filter(|file| *file > 2) {
        // That of the reading itself is closed already.
        let _ = nix::unistd::close(file);
    }
    Ok(())
}

/// As far as the kernel can: an older one does without, and the other limits hold all the same.
#[cfg(target_os = "linux")]
fn no_files() -> io::Result<()> {
    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _};
    let abi = ABI::V5;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map(|_| ())
        .map_err(io::Error::other)
}

#[cfg(not(target_os = "linux"))]
fn no_files() -> io::Result<()> {
    Ok(())
}

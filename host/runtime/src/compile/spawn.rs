//! Starts a compiler process, feeds it, bounds its time, and reads how it ended.

use std::{
    io,
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
};

use cofferdam_capabilities::sanitize;
use cofferdam_policy::units::{Bytes as Size, Millis, Quantity as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
};

use super::{CompileError, CompileLimits, Program, child, native::Artefact};
use crate::pages::Pages;

/// Native code is a few times as large as its component; beyond this it is a bomb.
const ARTEFACT_MAX: u64 = 512 << 20;
/// Of what a compiler says on stderr.
const SAID_MAX: u64 = 64 << 10;

/// The signal by which the kernel ends a process that used up its processor time.
const OUT_OF_TIME: i32 = libc::SIGXCPU;

/// Compiles `component` in a process of its own. Dropping the future ends the process.
pub(super) async fn compile(
    program: &Program,
    limits: &CompileLimits,
    component: &[u8],
) -> Result<Artefact, CompileError> {
    let child = start(program, limits).map_err(|error| {
        CompileError::Internal(format!("can't start a compiler ({}): {error}", program.path.display()))
    })?;
    match tokio::time::timeout(limits.deadline, converse(child, component)).await {
        Err(_elapsed) => Err(over("compile.deadline", "time", duration(limits.deadline))),
        Ok(Err(error)) => Err(CompileError::Internal(format!("can't talk to the compiler: {error}"))),
        Ok(Ok(ended)) => judge(ended, limits),
    }
}

fn start(program: &Program, limits: &CompileLimits) -> io::Result<Child> {
    Command::new(&program.path)
        .args(&program.arguments)
        .arg(limits.memory.to_string())
        .arg(limits.cpu.as_secs().max(1).to_string())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// What a compiler wrote.
enum Native {
    Whole(Pages),
    /// It ended before, and has said why.
    None,
    TooLarge,
}

/// How a compiler ended, and what it left.
struct Ended {
    status: ExitStatus,
    native: Native,
    said: Vec<u8>,
}

async fn converse(mut child: Child, component: &[u8]) -> io::Result<Ended> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // A compiler that is gone has said why, or its status does.
            let _ = stdin.write_all(component).await;
        }
    };
    let ((), native, said) = tokio::join!(feed, native(stdout), all(stderr, SAID_MAX));
    let (native, said) = (native?, said?);
    if matches!(native, Native::TooLarge) {
        child.kill().await?;
    }
    Ok(Ended { status: child.wait().await?, native, said })
}

/// Native code, behind its length.
async fn native(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Native> {
    let early_is_none = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Ok(Native::None),
        _ => Err(error),
    };
    let Some(mut pipe) = pipe else { return Ok(Native::None) };
    match pipe.read_u64_le().await {
        Err(error) => early_is_none(error),
        Ok(length) if length > ARTEFACT_MAX => Ok(Native::TooLarge),
        Ok(length) => Pages::read_async(&mut pipe, length).await.map(Native::Whole).or_else(early_is_none),
    }
}

/// Everything, up to `most`.
async fn all(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

fn judge(ended: Ended, limits: &CompileLimits) -> Result<Artefact, CompileError> {
    let said = sanitize::line(&String::from_utf8_lossy(&ended.said), 400);
    match ended.native {
        Native::TooLarge => {
            let most = Size::of(ARTEFACT_MAX);
            return Err(CompileError::Invalid(format!("its native code is larger than {most}")));
        }
        Native::Whole(pages) if ended.status.success() => return Ok(Artefact::vouched(pages, 0)),
        Native::Whole(_) | Native::None => {}
    }
    if ended.status.code() == Some(i32::from(child::INVALID)) {
        return Err(CompileError::Invalid(said));
    }
    let signal = ended.status.signal();
    if signal == Some(OUT_OF_TIME) {
        return Err(over("compile.cpu", "processor time", duration(limits.cpu)));
    }
    // Refused memory shows as an abort by the allocator, or as whatever the refusal led to.
    if said.contains("memory allocation of") || said.contains("Cannot allocate memory") {
        return Err(over("compile.memory", "memory", Size::of(limits.memory).to_string()));
    }
    if signal.is_some() || ended.status.code() == Some(PANICKED) {
        return Err(CompileError::Died { how: ended.status.to_string(), said });
    }
    Err(CompileError::Internal(format!("the compiler ended with {}: {said}", ended.status)))
}

/// The exit code of a Rust program whose main thread panicked.
const PANICKED: i32 = 101;

fn over(key: &'static str, what: &'static str, ceiling: String) -> CompileError {
    CompileError::Limit { key, what, ceiling }
}

fn duration(duration: std::time::Duration) -> String {
    Millis::of(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).to_string()
}

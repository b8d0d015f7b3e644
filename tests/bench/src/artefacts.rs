//! What the benchmarks run, as users would build it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Files to run.
#[derive(Debug, Clone)]
pub struct Artefacts {
    /// The host's binary.
    pub host: PathBuf,
    /// The native server's binary.
    pub native: PathBuf,
    /// The plugin `text`.
    pub text: PathBuf,
    /// A minimal plugin, with the tool `echo`.
    pub echo: PathBuf,
    /// The plugin of the benchmark of capabilities.
    pub capable: PathBuf,
}

impl Artefacts {
    /// Builds everything: the servers by cargo, the components by the host's own `build`.
    ///
    /// # Errors
    /// If something doesn't build; why is on stderr.
    pub fn build() -> io::Result<Self> {
        let artefacts = Self::as_they_are();
        let mut servers = cargo();
        servers.args(["build", "--release", "--bins", "--examples"]);
        servers.args(["--package=cofferdam", "--package=cofferdam-native-server", "--target-dir"]);
        run(servers.arg(target()))?;
        let mut components = Command::new(&artefacts.host);
        components
            .args(["build", "plugins/text", "examples/raw-plugin", "tests/bench/plugin", "--out"])
            .arg(folder());
        run(components.current_dir(workspace()).stdout(Stdio::null()))?;
        Ok(artefacts)
    }

    /// What an earlier run has built.
    #[must_use]
    pub fn as_they_are() -> Self {
        let native = target().join("release");
        Self {
            host: native.join("cofferdam"),
            native: native.join("examples/native-server"),
            text: folder().join("text.wasm"),
            echo: folder().join("raw-plugin.wasm"),
            capable: folder().join("capable.wasm"),
        }
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_owned).unwrap_or_default()
}

/// The folder that this very program was built in: TARGET/PROFILE/deps/program.
fn target() -> PathBuf {
    let program = env::current_exe().ok();
    let target = program.as_deref().and_then(|program| program.ancestors().nth(3));
    target.map_or_else(|| workspace().join("target"), Path::to_owned)
}

/// Where the components are put.
fn folder() -> PathBuf {
    target().join("bench-plugins")
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    cargo
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} failed ({status})"))) }
}

/// Copies of a component that differ in their digest only, as `PREFIX-0.wasm`, `PREFIX-1.wasm` and so on.
///
/// # Errors
/// If a file can't be read or written.
pub fn copies(component: &Path, directory: &Path, prefix: &str, count: usize) -> io::Result<()> {
    let bytes = fs::read(component)?;
    for number in 0..count {
        fs::write(directory.join(format!("{prefix}-{number}.wasm")), marked(&bytes, number))?;
    }
    Ok(())
}

/// The component with a custom section that says `number`: ignored by every engine, and another digest.
pub(crate) fn marked(component: &[u8], number: usize) -> Vec<u8> {
    const NAME: &[u8] = b"copy";
    let mark = u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    // Section id 0, its length, the length of its name; each fits one byte of LEB128.
    let mut bytes = component.to_vec();
    bytes.extend([0, 9, 4]);
    bytes.extend(NAME);
    bytes.extend(mark);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_component_and_a_well_formed_section() {
        let copy = marked(b"component", 258);
        assert_eq!(copy, b"component\0\x09\x04copy\x02\x01\0\0");
    }
}

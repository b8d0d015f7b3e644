//! Breaks the rules of WASI.

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Misuse {
    /// What to do wrong.
    how: String,
    /// A number for it; one beyond 2^53 is a text.
    bytes: Option<String>,
}

/// Break a rule of WASI.
#[tool]
fn run(misuse: Misuse) -> Result<Reply> {
    let bytes: u64 = misuse.bytes.as_deref().unwrap_or("0").parse()?;
    #[cfg(target_arch = "wasm32")]
    component::run(&misuse.how, bytes)?;
    Ok(Reply::new().text(format!("{} {bytes}", misuse.how)))
}

#[cfg(target_arch = "wasm32")]
mod component {
    use cofferdam_sdk::prelude::*;
    use wasip2::{cli::stdout::get_stdout, io::poll};

    pub(super) fn run(how: &str, bytes: u64) -> Result<()> {
        let stdout = get_stdout();
        match how {
            "write-zeroes" => stdout.write_zeroes(bytes)?,
            "write-and-flush" => stdout.blocking_write_and_flush(&vec![b'x'; usize::try_from(bytes)?])?,
            "write-zeroes-and-flush" => stdout.blocking_write_zeroes_and_flush(bytes)?,
            "poll-nothing" => drop(poll::poll(&[])),
            "close-the-parent" => {
                let pollable = stdout.subscribe();
                drop(stdout);
                drop(pollable);
            }
            _ => return Err(ToolError::invalid("no such misuse")),
        }
        Ok(())
    }
}

plugin!(run);
